import { useEffect } from 'preact/hooks'
import { partyPermissions, type PartyPermission, type PartyView } from '../../src/client/party.ts'
import type { HostModel } from '../model/host-model.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { CopyField } from '../ui/copy-field.tsx'
import { Icon } from '../ui/icon.tsx'
import { describeRecent } from './describe-peer.ts'
import { PartyEntry } from './party-entry.tsx'
import { PeerRow } from './peer-row.tsx'
import { permissionNames, permissionNotes } from './permission-names.ts'
import { SharedPorts } from './shared-ports.tsx'
import { VirtualLan } from './virtual-lan.tsx'

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
      {view?.party && <InParty host={host} view={view} known={view.party} />}
    </>
  )
}

function InParty({ host, view, known }: { host: HostModel; view: PartyView; known: NonNullable<PartyView['party']> }) {
  const { party, settings } = host
  const { usualMay } = view
  const network = party.network.value
  const invitation = party.invitation.value
  // It is told by its address where others reach it only since.
  useEffect(() => void party.invite(), [known.id, known.isOnlyHere])
  const isHost = view.peers.some((peer) => peer.isMe && peer.isHost)
  return (
    <>
      {known.mode !== 'home' && (
        <div class="party-lack" role="status">
          <Icon name="warning" />
          <div>
            <p>
              The control plane of this party is not reached
              {known.mode === 'connecting' && (
                <>
                  : <strong>{known.plane}</strong>
                </>
              )}
              . It is tried again at least once a minute.
            </p>
            <p class="party-hint">{whatGoesOn[known.mode]}</p>
          </div>
        </div>
      )}
      {invitation && (
        <section class="party-ticket" aria-label="For friends">
          <div>
            <span class="field-label">Code, on this computer and network</span>
            <CopyField text={invitation.code} label="Copy the code" />
          </div>
          {invitation.link !== null && (
            <div>
              <span class="field-label">Link, from elsewhere</span>
              <CopyField text={invitation.link} label="Copy the link" />
            </div>
          )}
          {invitation.hasSecondPart && (
            <p class="party-hint">
              The second half of the code is for members alone: the control plane never hears it, and cannot read what
              they say or speak for one of them.
            </p>
          )}
          {known.isOnlyHere && (
            <p class="party-hint">So far it leads here from this computer only: let your network in under Settings.</p>
          )}
        </section>
      )}
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
        <details class="party-permissions">
          <summary>What each of these means</summary>
          <dl>
            {partyPermissions.map((may) => (
              <div key={may}>
                <dt>{permissionNames[may]}</dt>
                <dd>{permissionNotes[may]}</dd>
              </div>
            ))}
          </dl>
        </details>
        {view.recent.length > 0 && <p class="party-hint">{describeRecent(view.recent, Date.now())}</p>}
      </section>
      {network && (
        <div class="settings-page party-network">
          <VirtualLan network={network} settings={settings} />
          <SharedPorts party={party} network={network} peers={view.peers} />
        </div>
      )}
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

const whatGoesOn = {
  connecting: 'Members who were met stay connected meanwhile; nobody new comes in.',
  local: 'Members who are near each other meet without it; who is elsewhere is back when it is.',
} as const

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
