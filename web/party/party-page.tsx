import { useEffect } from 'preact/hooks'
import { partyPermissions, type PartyPermission, type PartyView } from '../../src/client/party.ts'
import type { HostModel } from '../model/host-model.ts'
import type { PartyModel } from '../model/party-model.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { CopyField } from '../ui/copy-field.tsx'
import { PartyEntry } from './party-entry.tsx'
import { PeerRow } from './peer-row.tsx'
import { permissionNames } from './permission-names.ts'

/** The party that this host is in: who is in it, how each is reached, and what they may do here. */
export function PartyPage({ host, link }: { host: HostModel; link: string | undefined }) {
  const { party } = host
  useEffect(() => party.follow(), [])
  const view = party.view.value
  return (
    <>
      <SectionHead title={view?.party?.name ?? 'Party'} summary={summary(view)} />
      {party.refusal.value !== undefined && (
        <p class="party-refusal" role="alert">
          {party.refusal.value}
        </p>
      )}
      {view?.status === 'no_party' && <PartyEntry party={party} link={link} />}
      {view?.party && <InParty party={party} view={view} known={view.party} />}
    </>
  )
}

function InParty({
  party,
  view,
  known,
}: {
  party: PartyModel
  view: PartyView
  known: NonNullable<PartyView['party']>
}) {
  const { usualMay } = view
  const isHost = view.peers.some((peer) => peer.isMe && peer.isHost)
  return (
    <>
      <section class="party-ticket" aria-label="For friends">
        <div>
          <span class="field-label">Code, on this computer and network</span>
          <CopyField text={known.code} label="Copy the code" />
        </div>
        {known.link !== null && (
          <div>
            <span class="field-label">Link, from elsewhere</span>
            <CopyField text={known.link} label="Copy the link" />
          </div>
        )}
        {known.isOnlyHere && (
          <p class="party-hint">So far it leads here from this computer only: let your network in under Settings.</p>
        )}
      </section>
      <section class="sessions" aria-labelledby="party-members">
        <h2 id="party-members">Members</h2>
        <ul class="session-list">
          {view.peers.map((peer) => (
            <PeerRow key={peer.id} party={party} peer={peer} usualMay={usualMay} mayRemove={isHost} />
          ))}
        </ul>
        <label class="party-may">
          <span>All members may here</span>
          <select
            class="select"
            value={usualMay}
            onChange={(event) => void party.allow(null, event.currentTarget.value as PartyPermission)}
          >
            {partyPermissions.map((may) => (
              <option key={may} value={may}>
                {permissionNames[may]}
              </option>
            ))}
          </select>
        </label>
      </section>
      <div class="party-actions">
        <button type="button" class="button" disabled={party.busy.value} onClick={() => void party.leave()}>
          Leave the party
        </button>
        {isHost && (
          <button type="button" class="button danger" disabled={party.busy.value} onClick={() => void party.end()}>
            End it for all
          </button>
        )}
      </div>
    </>
  )
}

const modes = {
  home: 'Everybody hears of each other at once.',
  connecting: 'Its control plane is not reached now; it is tried again.',
  local: 'Its control plane is not reached: members who are near meet without it.',
} as const

function summary(view: PartyView | undefined): string {
  if (!view) return 'Looking who is there …'
  if (view.status === 'off') return 'Parties are turned off on this host. --parties own turns them on.'
  if (!view.party) return view.why ?? 'Friends’ hosts find each other, and each sees what is on at all of them.'
  const others = view.peers.length - 1
  const with_ =
    others === 0 ? 'Nobody else is in it yet' : others === 1 ? 'With one other host' : `With ${others} other hosts`
  return `${with_}. ${modes[view.party.mode]}`
}
