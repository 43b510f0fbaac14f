import type { WireAddress } from '../address-bytes.ts'

/** A message of STUN (RFC 8489) with the method `Binding`, the only one that Porchlight speaks. */
export interface StunMessage {
  readonly kind: StunKind
  /** Twelve bytes; an answer has those of its request. */
  readonly transactionId: Uint8Array
  readonly attributes: StunAttributes
}

export type StunKind = 'request' | 'indication' | 'success' | 'error'

/** What is known of it. Whatever else a message carries is passed over, unless it has to be understood. */
export interface StunAttributes {
  /** Where the sender of the request was seen, as RFC 3489 told it; routers that rewrite addresses in payloads spoil it. */
  readonly mappedAddress?: WireAddress
  /** The same, so that no router knows it for an address. */
  readonly xorMappedAddress?: WireAddress
  /** `fragment:fragment` of a path check (RFC 8445), or a name. */
  readonly username?: string
  readonly realm?: string
  readonly nonce?: string
  readonly software?: string
  readonly errorCode?: StunErrorCode
  /** Types of what the sender of an error did not understand. */
  readonly unknownAttributes?: readonly number[]
  /** From which other address or port the answer is wanted (RFC 5780). */
  readonly changeRequest?: StunChange
  /** Where the answer comes from. */
  readonly responseOrigin?: WireAddress
  /** The server's other address and port. */
  readonly otherAddress?: WireAddress
  readonly priority?: number
  readonly useCandidate?: true
  /** Eight bytes that decide who gives way when both ends think they decide. */
  readonly iceControlled?: Uint8Array
  readonly iceControlling?: Uint8Array
  /** Which nomination of this sender a check belongs to; a later one has a higher number. 24 bits. */
  readonly nomination?: number
}

export interface StunErrorCode {
  /** 300 to 699. */
  readonly code: number
  readonly reason: string
}

export interface StunChange {
  readonly address: boolean
  readonly port: boolean
}

/** Which keyed hash a message is sealed with. */
export type StunIntegrityKind = 'sha1' | 'sha256'

/** What a message says of its own integrity. To be compared, in constant time, with the keyed hash of `covered`. */
export interface StunIntegrity {
  readonly kind: StunIntegrityKind
  readonly mac: Uint8Array
  /** What the hash is of: the message up to here, with the length that it had then. */
  readonly covered: Uint8Array
}

/** A message as it came. */
export interface ReceivedStun extends StunMessage {
  /** Nothing of what stands behind an integrity is believed or told. */
  readonly integrity: readonly StunIntegrity[]
  /** Whether it has a fingerprint; a wrong one makes it no STUN at all. */
  readonly hasFingerprint: boolean
  /** Types of attributes that have to be understood and are not: a request with one is answered by error 420. */
  readonly notUnderstood: readonly number[]
}
