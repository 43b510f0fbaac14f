import * as v from 'valibot'
import { hostDepartures, partyAdmissions } from '../../domain/party.ts'
import {
  partyId,
  partyName,
  partyVersion,
  peerId,
  peerInfo,
  toldDepartures,
  toldParty,
  toldPeer,
  toldRelay,
} from './records.ts'

/** Bodies and answers of a control plane's HTTP calls. What clients of old do not know stands beside `party`, never in it. */

export const invitationCode = v.pipe(v.string(), v.maxLength(64))

export const registerPartyCall = v.object({
  name: partyName,
  host_peer_info: peerInfo,
  /** What lets others in; the id alone when left out. */
  admission: v.optional(v.picklist(partyAdmissions)),
  when_host_leaves: v.optional(v.picklist(hostDepartures)),
})

export const joinPartyCall = v.object({
  party_id: v.optional(partyId),
  peer_info: peerInfo,
  /** Where the party lets in by a code. */
  code: v.optional(invitationCode),
})

/** Which party a code lets into; the id where that is enough. */
export const findPartyCall = v.object({ code: invitationCode })
export const foundPartyAnswer = v.object({ party_id: v.string(), name: v.string() })

export const updatePeerCall = v.object({ peer_info: peerInfo })

/** Address of each peer in the party's virtual network: "10.66.3.7/16". */
const addresses = v.record(v.string(), v.string())

export const tokenAnswer = v.object({ token: v.string(), peer_id: peerId, expires_at: v.string() })

/** Since when each peer is in the party. */
const joined = v.record(v.string(), v.string())

export const partyAnswer = v.object({
  party: toldParty,
  virtual_addresses: addresses,
  joined_at: joined,
  version: partyVersion,
  departures: toldDepartures,
})

export const partyMadeAnswer = v.object({
  party_id: v.string(),
  party: toldParty,
  virtual_addresses: addresses,
  joined_at: joined,
  version: partyVersion,
  departures: toldDepartures,
  /** What lets others in, where it is a code; told here and never again. */
  code: v.optional(v.string()),
})

export const peersAnswer = v.object({ peers: v.record(v.string(), toldPeer) })
export const peerAnswer = v.object({ peer: toldPeer })
export const leftAnswer = v.object({ status: v.picklist(['left', 'party_deleted']) })
export const aliveAnswer = v.object({ status: v.literal('ok') })
export const relayAnswer = v.object({ status: v.literal('registered'), relay_id: v.string() })

/** The best first. How each is doing stands beside them, since clients of old know no other keys of a relay. */
export const relaysAnswer = v.object({
  relays: v.array(toldRelay),
  standing: v.record(v.string(), v.object({ sessions: v.number(), well: v.boolean() })),
})
export const relayGoneAnswer = v.object({ status: v.literal('gone') })

/** A problem (RFC 9457); `detail` is always there. */
export const problemAnswer = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  code: v.string(),
  detail: v.string(),
})
