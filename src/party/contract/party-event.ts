import type { KnownParty } from '../../store/party-state.ts'
import type { PartyPeer, PeerDeparture } from '../../domain/party.ts'

/** What members hear of, once it is durable. */
export type PartyEvent =
  | { readonly type: 'party-updated'; readonly party: KnownParty }
  /** Somebody else is its host from now on. */
  | { readonly type: 'host-changed'; readonly party: KnownParty }
  /** Who is in it already has said what is different: its endpoint, its NAT. */
  | { readonly type: 'peer-changed'; readonly partyId: string; readonly peer: PartyPeer }
  | { readonly type: 'peer-joined'; readonly partyId: string; readonly peer: PartyPeer }
  | { readonly type: 'peer-left'; readonly partyId: string; readonly peerId: string; readonly how: PeerDeparture }
  /** What was decided of it could not be written, and is undone: whoever asked meanwhile was told what is not so. */
  | { readonly type: 'party-undone'; readonly partyId: string }
  | { readonly type: 'party-ended'; readonly partyId: string; readonly peerIds: readonly string[] }
