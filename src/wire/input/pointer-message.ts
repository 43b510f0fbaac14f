import type { InputMessage } from './input-message.ts'

/** One datagram of the pointer channel. */
export type PointerMessage =
  /** Fractions of the picture. */
  | { readonly type: 'pointer'; readonly sequence: number; readonly x: number; readonly y: number }
  /** Sums since the channel was opened, in 1/256 of a pixel, wrapping at 2^32: the newest says everything. */
  | {
      readonly type: 'pointer-relative'
      readonly sequence: number
      readonly totalX: number
      readonly totalY: number
    }

/** Throws WireError `out-of-range` for a number that is not finite. */
export declare function encodePointerMessage(message: PointerMessage): Uint8Array

/** Throws WireError. */
export declare function decodePointerMessage(bytes: Uint8Array): PointerMessage

type Motion = Extract<InputMessage, { type: 'pointer' | 'pointer-relative' }>

/** The sending end: numbers the datagrams and sums relative motion up, so that a lost datagram loses no motion. */
export declare class PointerSender {
  encode(motion: Motion): Uint8Array
}

/** The receiving end. */
export declare class PointerReceiver {
  /** The motion of a datagram, undefined for one that came late or twice. Throws WireError. */
  accept(bytes: Uint8Array): Motion | undefined
}
