/**
 * What one decrypted datagram of the native transport has in it:
 *
 *     number (varint) | frame | frame ...
 *
 * The number is the sender's own, grows by one with each datagram, never wraps, and is what acknowledgements and arrivals
 * speak of: a datagram is never sent twice under one number. Frames of reliable streams are those of RFC 9000, section 19,
 * cut down to what is used here.
 *
 *     padding          | 00 | zeros ...
 *     ping             | 01 |
 *     acknowledged     | 02 | largest | delay / 8 µs | more ranges | length - 1 | (gap - 2 | length - 1) ...
 *     arrivals         | 03 | first | packets | base µs | for each packet: 0, or 1 + zigzag of what passed since the last / 32 µs
 *     reset            | 04 | stream | code | bytes sent in all
 *     stop             | 05 | stream | code
 *     missing          | 06 | ranges | first | length - 1 | (gap - 2 | length - 1) ...   numbers of pictures' packets, upwards
 *     key wanted       | 07 |
 *     stream           | 08 | stream | offset | length | data ...          09: nothing comes behind it
 *     largest data     | 10 | bytes of all streams together
 *     largest of stream| 11 | stream | bytes
 *     largest streams  | 12 | streams that the other end may have opened in all
 *     datagram         | 20 control, 21 input, 22 audio, 23 video, 24 parity | length | data ...
 *
 * Streams have numbers as there, 4 * n, with 1 added by the end that was called.
 */
export type Frame =
  | { readonly type: 'padding'; readonly bytes: number }
  | { readonly type: 'ping' }
  | AcknowledgedFrame
  | ArrivalsFrame
  | StreamFrame
  /** The sender gives a stream up; `bytes` counts all that it has sent of it, for flow control. */
  | { readonly type: 'reset'; readonly stream: number; readonly code: number; readonly bytes: number }
  /** The receiver wants no more of it. */
  | { readonly type: 'stop'; readonly stream: number; readonly code: number }
  | { readonly type: 'missing'; readonly numbers: readonly number[] }
  | { readonly type: 'key-wanted' }
  | { readonly type: 'max-data'; readonly bytes: number }
  | { readonly type: 'max-stream-data'; readonly stream: number; readonly bytes: number }
  | { readonly type: 'max-streams'; readonly streams: number }
  | { readonly type: 'datagram'; readonly kind: DatagramKind; readonly data: Uint8Array }

/** From `first` to `last`, both included. */
export interface NumberRange {
  readonly first: number
  readonly last: number
}

export interface AcknowledgedFrame {
  readonly type: 'acknowledged'
  /** The highest first, with something missing between any two. */
  readonly ranges: readonly NumberRange[]
  /** How long the acknowledgement of the highest was held back. */
  readonly delayUs: number
}

/** When datagrams arrived, on the clock of whoever tells; what did not is not a number. */
export interface ArrivalsFrame {
  readonly type: 'arrivals'
  readonly first: number
  readonly arrivalsUs: readonly number[]
}

export interface StreamFrame {
  readonly type: 'stream'
  readonly stream: number
  readonly offset: number
  readonly data: Uint8Array
  readonly fin: boolean
}

/** The most urgent first. */
export const datagramKinds = ['control', 'input', 'audio', 'video', 'parity'] as const
export type DatagramKind = (typeof datagramKinds)[number]

/** A datagram that the network carries unbroken never has more. */
export const maxDatagramBytes = 1500
/** Of one acknowledgement; what is older is told no more. */
export const maxRanges = 32
/** Of one report of arrivals. */
export const maxArrivals = 512
/** Of one request. */
export const maxMissing = 256

export const frameCode = {
  padding: 0x00,
  ping: 0x01,
  acknowledged: 0x02,
  arrivals: 0x03,
  reset: 0x04,
  stop: 0x05,
  missing: 0x06,
  keyWanted: 0x07,
  stream: 0x08,
  streamFin: 0x09,
  maxData: 0x10,
  maxStreamData: 0x11,
  maxStreams: 0x12,
  /** And one more for each kind. */
  datagram: 0x20,
} as const

/** What the times of acknowledgements and of arrivals are counted in. */
export const delayUnitUs = 8
export const arrivalUnitUs = 32
