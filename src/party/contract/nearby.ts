import type { ToldParty } from '../../wire/party/records.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'

/** Where a control plane is on a network. */
export interface PlaneAddress {
  /** "https://192.168.1.5:8080", with nothing behind it. */
  readonly url: string
  /** SHA-256 of its certificate in hexadecimal; undefined where an authority vouches for it, or where it speaks plain HTTP. */
  readonly fingerprint: string | undefined
}

/**
 * What a member says to who is near: that it is in a party, without saying in which. Who knows what lets in can tell, and that nobody has
 * changed it.
 */
export interface Announcement {
  readonly peerId: string
  /** Which peer is the member's for longest decides whose control plane is used while the party's own cannot be reached. */
  readonly joinedMs: number
  /** The party's control plane; undefined where nobody else reaches it. */
  readonly home: PlaneAddress | undefined
  /** The member's own one; undefined where nobody else reaches it. */
  readonly own: PlaneAddress | undefined
  /** It cannot reach the party's. */
  readonly isLocal: boolean
  /** Of all that, in hexadecimal. */
  readonly proof: string
}

/** Where members find each other without a control plane: on the same machine, on the same network. */
export interface NearbyBoard {
  /** Replaces what this member says; undefined takes it back. */
  announce(announcement: Announcement | undefined): void
  /** What others say now. Bounded. */
  nearby(): readonly Announcement[]
  onChange(listener: () => void): Unsubscribe
}

/** A party that others on this machine may see. It is told as it is whenever it is written. */
export interface SharedParty {
  readonly id: string
  tell(): ToldParty
}
