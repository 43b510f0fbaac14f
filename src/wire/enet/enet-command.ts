/**
 * What ENet 1.3 says in a datagram (enet/protocol.h). Numbers are big endian; `sequence` is the reliable sequence number of the
 * channel, or, on {@link peerChannel}, of the peer.
 */
export type EnetCommand = EnetHeader & EnetBody

export interface EnetHeader {
  readonly channel: number
  readonly sequence: number
  /** Whether the other side has to say that it came. */
  readonly wantsAck: boolean
}

export type EnetBody =
  | { readonly type: 'acknowledge'; readonly acknowledged: number; readonly sentTime: number }
  | ({ readonly type: 'connect'; readonly data: number } & EnetTerms)
  | ({ readonly type: 'verify-connect' } & EnetTerms)
  | { readonly type: 'disconnect'; readonly data: number }
  | { readonly type: 'ping' }
  | { readonly type: 'reliable'; readonly data: Uint8Array }
  | { readonly type: 'unreliable'; readonly unreliableSequence: number; readonly data: Uint8Array }
  | { readonly type: 'unsequenced'; readonly group: number; readonly data: Uint8Array }
  | ({ readonly type: 'fragment' } & EnetFragment)
  | ({ readonly type: 'unreliable-fragment' } & EnetFragment)
  | { readonly type: 'bandwidth-limit'; readonly incomingBytesPerS: number; readonly outgoingBytesPerS: number }
  | { readonly type: 'throttle'; readonly throttle: EnetThrottle }

/** What two peers agree on when they connect. */
export interface EnetTerms {
  /** By which whoever says this knows the other. */
  readonly outgoingPeerId: number
  readonly incomingSession: number
  readonly outgoingSession: number
  readonly mtu: number
  readonly windowBytes: number
  readonly channels: number
  readonly incomingBytesPerS: number
  readonly outgoingBytesPerS: number
  readonly throttle: EnetThrottle
  readonly connectId: number
}

export interface EnetThrottle {
  readonly intervalMs: number
  readonly acceleration: number
  readonly deceleration: number
}

export interface EnetFragment {
  /** The number of the first; it is that of the whole. */
  readonly startSequence: number
  readonly fragments: number
  readonly index: number
  readonly totalBytes: number
  readonly offset: number
  readonly data: Uint8Array
}

/** Where peers speak about themselves. */
export const peerChannel = 0xff

export interface EnetDatagram {
  /** The number under which the receiver knows the sender; {@link unknownPeer} before it does. */
  readonly peerId: number
  /** Two bits that tell a connection from the one before it. */
  readonly session: number
  /** Milliseconds of the sender's clock, 16 bits; acknowledgements bring it back. */
  readonly sentTime: number | undefined
  readonly commands: readonly EnetCommand[]
}

export const unknownPeer = 0xfff
