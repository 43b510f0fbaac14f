import { useEffect, useMemo } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { PartyPeerView, PartyVisit } from '../../src/client/party.ts'
import type { HostModel } from '../model/host-model.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { LobbyWindow } from './lobby-window.tsx'

/** What is on at the other members' hosts, one after the other; nothing while there is no party. */
export function PartyLobbies({ host, showsPictures }: { host: HostModel; showsPictures: boolean }) {
  const { party } = host
  useEffect(() => party.follow(), [])
  const peers = party.view.value?.peers.filter(({ isMe, wall }) => !isMe && wall) ?? []
  if (peers.length === 0) return null
  return (
    <>
      {peers.map((peer) => (
        <MemberLobbies key={peer.id} host={host} peer={peer} showsPictures={showsPictures} />
      ))}
    </>
  )
}

interface MemberLobbiesProps {
  readonly host: HostModel
  readonly peer: PartyPeerView
  readonly showsPictures: boolean
}

function MemberLobbies({ host, peer, showsPictures }: MemberLobbiesProps) {
  const pictures = useMemo(() => (showsPictures ? host.party.picturesOf(peer.id) : undefined), [peer.id, showsPictures])
  const { lobbies = [], apps = [], may = 'nothing' } = peer.wall ?? {}
  const mayEnter = may !== 'nothing' && may !== 'see'
  const outside = useSignal<PartyVisit | undefined>(undefined)
  /** In a tab of its own: another host's page. The tab is opened at once, since browsers let only a click do so. */
  const follow = (ask: Promise<PartyVisit | undefined>) => {
    const tab = window.open('', '_blank')
    // What another host serves has nothing to do with this page.
    if (tab) tab.opener = null
    void ask.then((way) => {
      if (way && !way.isReached && way.viewLink !== null) {
        tab?.close()
        outside.value = way
      } else if (!way) tab?.close()
      else if (tab) tab.location.replace(way.url)
      else location.assign(way.url)
    })
  }
  const titleId = `party-${peer.id}`
  return (
    <section class="party-wall" aria-labelledby={titleId}>
      <h2 id={titleId}>At {peer.name}</h2>
      {lobbies.length === 0 && (
        <p class="party-hint">{may === 'nothing' ? 'Its owner does not show what is on.' : 'Nothing is on there.'}</p>
      )}
      <div class="lobbies">
        {lobbies.map((lobby) => (
          <article key={lobby.id} class="lobby-card">
            <LobbyWindow lobby={{ ...lobby, members: [] }} api={mayEnter && pictures ? pictures : undefined} />
            <div class="lobby-card-body">
              <div class="lobby-card-head">
                <h2>
                  {mayEnter ? (
                    <button
                      type="button"
                      class="lobby-card-enter"
                      onClick={() => follow(host.party.visit(peer.id, lobby.id))}
                    >
                      {lobby.title}
                    </button>
                  ) : (
                    lobby.title
                  )}
                </h2>
                <span class="badge">{lobby.status}</span>
              </div>
              <p class="lobby-card-facts">
                {lobby.width}×{lobby.height} · {peopleIn(lobby.people)}
              </p>
              <div class="lobby-card-foot">
                <span class="lobby-card-empty">{mayEnter ? '' : 'Only to be seen'}</span>
                {mayEnter && (
                  <span class="button primary" aria-hidden="true">
                    {may === 'watch' ? 'Watch' : 'Step in'}
                  </span>
                )}
              </div>
            </div>
          </article>
        ))}
      </div>
      {apps.length > 0 && (
        <div class="party-apps">
          {apps.map((app) => (
            <button
              key={app.id}
              type="button"
              class="button small"
              onClick={() => follow(host.party.start(peer.id, app.id))}
            >
              Start {app.title} there
            </button>
          ))}
        </div>
      )}
      {outside.value && <ByTransport peer={peer} way={outside.value} onClose={() => (outside.value = undefined)} />}
    </section>
  )
}

/** For a lobby of somebody whose page is not reached: the native transport may find a path. */
function ByTransport({ peer, way, onClose }: { peer: PartyPeerView; way: PartyVisit; onClose: () => void }) {
  return (
    <Dialog title={`The page of ${peer.name} does not answer`} onClose={onClose}>
      <p>
        This host does not reach it. Porchlight’s own transport may find a path: with this command on your computer.
      </p>
      <CopyField text={`npm start -- view '${way.viewLink ?? ''}' --lobby ${way.lobbyId}`} label="Copy the command" />
      <p class="party-hint">
        It holds a secret, and is good as long as both are in the party. Where your browser is on another network than
        this host,{' '}
        <a href={way.url} target="_blank" rel="noreferrer">
          try the page
        </a>{' '}
        all the same.
      </p>
    </Dialog>
  )
}

function peopleIn(count: number): string {
  return count === 0 ? 'nobody is in' : count === 1 ? 'one person is in' : `${count} people are in`
}
