import { partyPermissions, type PartyPeerView, type PartyPermission } from '../../src/client/party.ts'
import type { PartyModel } from '../model/party-model.ts'
import { describeDoubt, describePeer, describeRelayed } from './describe-peer.ts'
import { LatencyLine } from './latency-line.tsx'
import { permissionNames } from './permission-names.ts'

interface PeerRowProps {
  readonly party: PartyModel
  readonly peer: PartyPeerView
  readonly usualMay: PartyPermission
  /** Whether this host is the party's, and may take others out. */
  readonly mayRemove: boolean
}

const dots: Readonly<Record<PartyPeerView['connectionType'], string>> = {
  unknown: 'gray',
  connecting: 'yellow busy',
  direct: 'green',
  relayed: 'yellow',
  host: 'green',
  failed: 'red',
}
const usual = 'usual'

/** One member: how it is reached, why that way, how fast, and what it may do here. */
export function PeerRow({ party, peer, usualMay, mayRemove }: PeerRowProps) {
  const { id, name, isMe, isHost, connectionType, reason, doubt } = peer
  const relayed = describeRelayed(party.network.value, id)
  return (
    <li class="session-row party-peer">
      <span class={`dot ${isMe ? 'green' : dots[connectionType]}`} />
      <div class="session-who">
        <h3>
          {name}
          {isMe && <span class="badge">This host</span>}
          {isHost && <span class="badge">Host of the party</span>}
        </h3>
        <p>{describePeer(peer)}</p>
        {doubt !== null && <p class="party-doubt">{describeDoubt(doubt)}</p>}
        {!isMe && reason !== '' && <p class="party-reason">{reason.charAt(0).toUpperCase() + reason.slice(1)}</p>}
        {relayed !== undefined && <p class="party-reason">{relayed}</p>}
      </div>
      {!isMe && (
        <div class="party-peer-side">
          <LatencyLine latencies={peer.latencies} name={name} />
          <label class="party-may">
            <span>May here</span>
            <select
              class="select"
              value={peer.isOwnChoice ? peer.may : usual}
              onChange={(event) => {
                const { value } = event.currentTarget
                void party.allow(id, value === usual ? null : (value as PartyPermission))
              }}
            >
              <option value={usual}>As all: {permissionNames[usualMay].toLowerCase()}</option>
              {partyPermissions.map((may) => (
                <option key={may} value={may}>
                  {permissionNames[may]}
                </option>
              ))}
            </select>
          </label>
          {mayRemove && (
            <button type="button" class="button small danger" onClick={() => void party.removePeer(id)}>
              Take out
            </button>
          )}
        </div>
      )}
    </li>
  )
}
