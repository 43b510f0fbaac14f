import type { PartyAddress, PartyPeer, PartyRecord, PartyRelay, PeerToken } from '../domain/party.ts'

/** One thing that is different from now on. What belongs to a party goes with it. */
export type PartyChange =
  | { readonly type: 'party'; readonly party: PartyRecord }
  | { readonly type: 'party-gone'; readonly partyId: string }
  | { readonly type: 'peer'; readonly peer: PartyPeer }
  | { readonly type: 'peer-gone'; readonly partyId: string; readonly peerId: string }
  | { readonly type: 'address'; readonly address: PartyAddress }
  | { readonly type: 'address-gone'; readonly partyId: string; readonly peerId: string }
  | { readonly type: 'token'; readonly token: PeerToken }
  | { readonly type: 'token-gone'; readonly peerId: string }
  | { readonly type: 'relay'; readonly relay: PartyRelay }
  | { readonly type: 'relay-gone'; readonly relayId: string }

/** That a peer was heard of: may be lost with the power, and is true again with its next sign of life. */
export interface PeerObservation {
  readonly partyId: string
  readonly peerId: string
  readonly seenMs: number
}

/** All that is kept. */
export interface PartySnapshot {
  readonly parties: readonly PartyRecord[]
  readonly peers: readonly PartyPeer[]
  readonly addresses: readonly PartyAddress[]
  readonly tokens: readonly PeerToken[]
  readonly relays: readonly PartyRelay[]
}

/**
 * What parties leave on a disk, or in a store that several control planes share: asynchronous for its sake. Everything rejects with
 * a StoreError once it is closed.
 */
export interface PartyRecords {
  load(): Promise<PartySnapshot>
  /** All of it or nothing; durable when it resolves. Changes that are asked for at the same time share one write. */
  commit(changes: readonly PartyChange[]): Promise<void>
  /** Written within a short delay, the newest of each peer only. A disk that fails is tried again and told in the log. */
  observe(observation: PeerObservation): void
  /** Writes what is still to be written. */
  flush(): Promise<void>
  /** Flushes, and is idempotent. */
  close(): Promise<void>
}
