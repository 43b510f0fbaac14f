import type { NatType } from './nat-type.ts'

/** A machine in a party, as the registry keeps it. Times are milliseconds since the Unix epoch. */
export interface PartyPeer {
  readonly partyId: string
  readonly peerId: string
  readonly name: string
  /** Its WireGuard key, in base64. */
  readonly publicKey: string
  readonly natType: NatType
  /** Where its packets come from, as it found out by STUN; undefined where it could not. */
  readonly publicIp: string | undefined
  readonly publicPort: number | undefined
  readonly localIp: string | undefined
  readonly localPort: number | undefined
  readonly joinedMs: number
  readonly seenMs: number
}

/** What lets a machine into a party: that it knows the id, or an invitation code besides. */
export const partyAdmissions = ['id', 'code'] as const
export type PartyAdmission = (typeof partyAdmissions)[number]

/** What becomes of a party whose host leaves: it is over (seed 002), or the peer that has been there longest is its host. */
export const hostDepartures = ['end', 'migrate'] as const
export type HostDeparture = (typeof hostDepartures)[number]

/** How a peer has come out of its party: by itself, taken out by the host, or nothing was heard of it for too long. */
export const peerDepartures = ['left', 'removed', 'silent'] as const
export type PeerDeparture = (typeof peerDepartures)[number]

/** A party without its peers. */
export interface PartyRecord {
  readonly id: string
  readonly name: string
  readonly hostId: string
  readonly createdMs: number
  readonly admission: PartyAdmission
  /** SHA-256 of the invitation code; undefined where the id alone lets in. */
  readonly codeHash: Uint8Array | undefined
  readonly whenHostLeaves: HostDeparture
}

/** A place in the party's virtual network, which stays that of a peer also while it is away. */
export interface PartyAddress {
  readonly partyId: string
  readonly peerId: string
  /** Of the host in the range: 1 is its first address. */
  readonly number: number
}

/** To whom a peer id belongs until then: who acts for it has the token of this hash. */
export interface PeerToken {
  readonly peerId: string
  readonly hash: Uint8Array
  readonly expiresMs: number
}

/** A relay that peers without a direct path may use. */
export interface PartyRelay {
  readonly relayId: string
  readonly publicIp: string
  readonly port: number
  readonly region: string
  /** Sessions that it says it can carry. */
  readonly capacity: number
  readonly registeredMs: number
  readonly seenMs: number
}
