import * as v from 'valibot'
import { peerDepartures } from '../../domain/party.ts'
import { excessOf } from '../json-shape.ts'
import { WireError } from '../wire-error.ts'
import { invitationCode } from './calls.ts'
import { partyId, partyName, partyVersion, peerId, peerInfo, toldDepartures, toldParty, toldPeer } from './records.ts'

/** Of a message; a party of a thousand peers that a server tells is larger. */
export const maxPartyMessageBytes = 64 * 1024
const maxSignalBytes = 16 * 1024

const signalData = v.pipe(
  v.record(v.string(), v.unknown()),
  v.check((data) => JSON.stringify(data).length <= maxSignalBytes, 'wanted at most 16 KiB of signal data'),
)

const signal = v.object({
  type: v.literal('signal'),
  party_id: partyId,
  from_peer_id: peerId,
  to_peer_id: peerId,
  signal_data: signalData,
})

/** What a client says; the first message is `auth`. */
export const partyClientMessage = v.variant('type', [
  v.object({
    type: v.literal('auth'),
    version: v.optional(v.pipe(v.string(), v.maxLength(32))),
    client: v.optional(v.pipe(v.string(), v.maxLength(100))),
    peer_id: peerId,
    token: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(256)))),
  }),
  v.object({ type: v.literal('register_party'), party_id: partyId, name: partyName, host_peer: peerInfo }),
  v.object({
    type: v.literal('join_party'),
    party_id: partyId,
    peer: peerInfo,
    code: v.optional(invitationCode),
  }),
  v.object({ type: v.literal('leave_party'), party_id: partyId, peer_id: peerId }),
  v.object({ type: v.literal('heartbeat'), party_id: partyId, peer_id: peerId }),
  /** Wants `party_changes` since the version that it has in the place of `party_update`, `peer_joined` and, of others, `peer_left`. */
  v.object({ type: v.literal('follow_party'), party_id: partyId, peer_id: peerId, version: v.optional(partyVersion) }),
  signal,
])
export type PartyClientMessage = v.InferOutput<typeof partyClientMessage>

/**
 * What has become of a party from the version `from` to the version `to`, joined: of each peer the last that is known. Who has a version in
 * between may apply it as well; who has an older one has missed something, and asks for all of it. Nothing changed where they are equal.
 */
const partyChanges = v.object({
  type: v.literal('party_changes'),
  party_id: v.string(),
  epoch: partyVersion.entries.epoch,
  from: partyVersion.entries.number,
  to: partyVersion.entries.number,
  host_id: v.string(),
  /** Who has come, or has said something else of itself. */
  peers: v.array(v.object({ peer: toldPeer, virtual_address: v.optional(v.string()), joined_at: v.string() })),
  left: v.array(v.string()),
  /** How, of those who have not left by themselves. */
  departures: v.optional(toldDepartures),
})
export type PartyChanges = v.InferOutput<typeof partyChanges>

/** What a control plane says. */
export const partyServerMessage = v.variant('type', [
  v.object({ type: v.literal('party_update'), party: toldParty }),
  v.object({ type: v.literal('peer_joined'), party_id: v.string(), peer: toldPeer }),
  v.object({
    type: v.literal('peer_left'),
    party_id: v.string(),
    peer_id: v.string(),
    /** Said to the one who is out, where they follow the party: how that came, or that it has ended. */
    how: v.optional(v.picklist([...peerDepartures, 'ended'])),
  }),
  partyChanges,
  signal,
  v.object({ type: v.literal('error'), message: v.string() }),
])
export type PartyServerMessage = v.InferOutput<typeof partyServerMessage>

/** Throws WireError for what is no message of a client. */
export function decodePartyClientMessage(text: string): PartyClientMessage {
  const excess = excessOf(text)
  if (excess !== undefined) throw new WireError('malformed', `Cannot read the message: it ${excess}`)
  const result = v.safeParse(partyClientMessage, parse(text))
  if (result.success) return result.output
  const [issue] = result.issues
  throw new WireError('malformed', `Cannot read the message: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new WireError('malformed', 'Cannot read the message: it is not JSON')
  }
}
