import { useSignal } from '@preact/signals'
import type { HostModel } from '../model/host-model.ts'
import type { PageModel } from '../model/page-model.ts'
import { EndedLobbies } from '../output/ended-lobbies.tsx'
import { OutputDialog } from '../output/output-dialog.tsx'
import { SectionHead } from '../shell/section-head.tsx'
import { AppShelf } from './app-shelf.tsx'
import { LobbyCard, LobbyCardSkeleton } from './lobby-card.tsx'
import { MissingParts } from './missing-parts.tsx'
import { PartyLobbies } from './party-lobbies.tsx'

/** Everything that runs here, and what could. */
export function Wall({ page, host }: { page: PageModel; host: HostModel }) {
  const lobbies = host.lobbies.value
  const loaded = host.loaded.value
  const isStale = loaded && host.feed.value.status !== 'open'
  const outputOf = useSignal<{ readonly id: string; readonly title: string } | undefined>(undefined)
  return (
    <>
      <SectionHead
        title={headline(loaded, lobbies.length)}
        summary={loaded ? summary(host) : 'Looking who left a light on …'}
      />
      <section class={`lobbies ${isStale ? 'stale' : ''}`} aria-label="Lobbies">
        {!loaded && [1, 2].map((key) => <LobbyCardSkeleton key={key} />)}
        {lobbies.map((lobby) => (
          <LobbyCard
            key={lobby.id}
            lobby={lobby}
            api={page.preferences.value.value.thumbnails ? host.api : undefined}
            appTitle={host.appTitle(lobby.appId)}
            mayStop={host.isOwner}
            mayPlay={host.me.role !== 'viewer'}
            onEnter={() => page.enter(lobby.id)}
            onStop={() => void host.stopLobby(lobby.id)}
            onOutput={host.isOwner ? () => (outputOf.value = lobby) : undefined}
          />
        ))}
      </section>
      {loaded && host.isOwner && <PartyLobbies host={host} showsPictures={page.preferences.value.value.thumbnails} />}
      {loaded && host.isOwner && (
        <AppShelf
          title={lobbies.length === 0 ? 'Switch something on' : 'Switch on another'}
          isMain={lobbies.length === 0}
          api={host.api}
          apps={host.apps.value}
          onStart={(appId) => page.startApp(host, appId)}
        />
      )}
      <EndedLobbies lobbies={host.ended.value} onOutput={(lobby) => (outputOf.value = lobby)} />
      {outputOf.value && (
        <OutputDialog
          api={host.api}
          lobbyId={outputOf.value.id}
          title={outputOf.value.title}
          onError={page.report}
          onClose={() => (outputOf.value = undefined)}
        />
      )}
      {host.info.value && <MissingParts host={host.info.value} apps={host.apps.value} />}
    </>
  )
}

function headline(loaded: boolean, count: number): string {
  if (!loaded) return 'One moment'
  return count === 0 ? 'The house is dark' : 'The light is on'
}

function summary({ lobbies, isOwner }: HostModel): string {
  const running = lobbies.value
  if (running.length === 0) {
    return isOwner
      ? 'Nothing runs here yet. Pick an app below and switch it on.'
      : 'Nothing runs that you were invited to.'
  }
  const people = running.reduce((sum, { members }) => sum + members.length, 0)
  const apps = running.length === 1 ? 'One app is running' : `${running.length} apps are running`
  const here = people === 0 ? 'nobody is watching' : people === 1 ? 'one person is in' : `${people} people are in`
  const stays = running.some(({ stopWhenEveryoneLeaves }) => stopWhenEveryoneLeaves)
    ? ''
    : ` ${running.length === 1 ? 'It stays' : 'They stay'} on when everyone leaves.`
  return `${apps}, ${here}.${stays}`
}
