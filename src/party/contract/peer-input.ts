import type { PartyPeer } from '../../domain/party.ts'

/** What a peer says of itself; the registry adds when it came and was seen. */
export type PeerInput = Omit<PartyPeer, 'partyId' | 'joinedMs' | 'seenMs'>
