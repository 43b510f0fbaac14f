import { hostDepartures, partyAdmissions } from '../domain/party.ts'
import type { PartyAddress, PartyPeer, PartyRecord, PartyRelay, PeerToken } from '../domain/party.ts'
import { natTypes } from '../domain/nat-type.ts'
import { bytesColumn, numberColumn, oneOf, optional, textColumn, type RowSchema } from './read-row.ts'

export const partyRow: RowSchema<PartyRecord> = {
  id: ['id', textColumn],
  name: ['name', textColumn],
  hostId: ['host_id', textColumn],
  createdMs: ['created_ms', numberColumn],
  admission: ['admission', oneOf(partyAdmissions)],
  codeHash: ['code_hash', optional(bytesColumn)],
  whenHostLeaves: ['when_host_leaves', oneOf(hostDepartures)],
}

export const peerRow: RowSchema<PartyPeer> = {
  partyId: ['party_id', textColumn],
  peerId: ['peer_id', textColumn],
  name: ['name', textColumn],
  publicKey: ['public_key', textColumn],
  natType: ['nat_type', oneOf(natTypes)],
  publicIp: ['public_ip', optional(textColumn)],
  publicPort: ['public_port', optional(numberColumn)],
  localIp: ['local_ip', optional(textColumn)],
  localPort: ['local_port', optional(numberColumn)],
  joinedMs: ['joined_ms', numberColumn],
  seenMs: ['seen_ms', numberColumn],
}

export const addressRow: RowSchema<PartyAddress> = {
  partyId: ['party_id', textColumn],
  peerId: ['peer_id', textColumn],
  number: ['number', numberColumn],
}

export const tokenRow: RowSchema<PeerToken> = {
  peerId: ['peer_id', textColumn],
  hash: ['hash', bytesColumn],
  expiresMs: ['expires_ms', numberColumn],
}

export const relayRow: RowSchema<PartyRelay> = {
  relayId: ['relay_id', textColumn],
  publicIp: ['public_ip', textColumn],
  port: ['port', numberColumn],
  region: ['region', textColumn],
  capacity: ['capacity', numberColumn],
  registeredMs: ['registered_ms', numberColumn],
  seenMs: ['seen_ms', numberColumn],
}
