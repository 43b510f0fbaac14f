import { isNewer, nextSequence } from '../sequence-number.ts'
import { WireError } from '../wire-error.ts'
import { clampFinite, readFraction, wantExactly, writeFraction } from './fields.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { maxRelativePx } from './keys-message.ts'

/**
 * Datagrams of the pointer channel, of which only the newest counts. Big-endian.
 *
 *     pointer           | 1 | sequence (16) | x (16) | y (16) |            fractions of 65,535
 *     pointer-relative  | 2 | sequence (16) | total x (32) | total y (32) |  in 1/256 of a pixel, signed
 *
 * Both kinds share one sequence.
 */
const absoluteKind = 1
const relativeKind = 2
const absoluteBytes = 7
const relativeBytes = 11
const unitsInPixel = 256

/** One datagram of the pointer channel. */
export type PointerMessage =
  /** Fractions of the picture. */
  | { readonly type: 'pointer'; readonly sequence: number; readonly x: number; readonly y: number }
  /** Sums since the channel was opened, in 1/256 of a pixel, wrapping at 2^32: the newest says everything. */
  | { readonly type: 'pointer-relative'; readonly sequence: number; readonly totalX: number; readonly totalY: number }

/** Throws WireError `out-of-range` for a number that is not finite. */
export function encodePointerMessage(message: PointerMessage): Uint8Array {
  const bytes = new Uint8Array(message.type === 'pointer' ? absoluteBytes : relativeBytes)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, message.type === 'pointer' ? absoluteKind : relativeKind)
  view.setUint16(1, message.sequence)
  if (message.type === 'pointer') {
    writeFraction(view, 3, message.x)
    writeFraction(view, 5, message.y)
  } else {
    view.setInt32(3, message.totalX)
    view.setInt32(7, message.totalY)
  }
  return bytes
}

/** Throws WireError. */
export function decodePointerMessage(bytes: Uint8Array): PointerMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (bytes[0]) {
    case undefined:
      throw new WireError('too-short', 'Cannot read pointer message: it is empty')
    case absoluteKind:
      wantExactly(bytes, absoluteBytes, 'pointer message')
      return { type: 'pointer', sequence: view.getUint16(1), x: readFraction(view, 3), y: readFraction(view, 5) }
    case relativeKind:
      wantExactly(bytes, relativeBytes, 'relative pointer message')
      return {
        type: 'pointer-relative',
        sequence: view.getUint16(1),
        totalX: view.getInt32(3),
        totalY: view.getInt32(7),
      }
    default:
      throw new WireError('unknown-type', `Cannot read pointer message: kind ${bytes[0]}, wanted 1 or 2`)
  }
}

type Motion = Extract<InputMessage, { type: 'pointer' | 'pointer-relative' }>

/** The sending end: numbers the datagrams and sums relative motion up, so that a lost datagram loses no motion. */
export class PointerSender {
  #sequence = 0
  #totalX = 0
  #totalY = 0

  /** Throws WireError `out-of-range` for a number that is not finite. */
  encode(motion: Motion): Uint8Array {
    const sequence = this.#sequence
    if (motion.type === 'pointer') {
      const bytes = encodePointerMessage({ type: 'pointer', sequence, x: motion.x, y: motion.y })
      this.#sequence = nextSequence(sequence)
      return bytes
    }
    // What is below 1/256 of a pixel stays in the sum; the sum wraps as the 32 bits of the message do.
    const totalX = this.#totalX + clampFinite(motion.dx, -maxRelativePx, maxRelativePx) * unitsInPixel
    const totalY = this.#totalY + clampFinite(motion.dy, -maxRelativePx, maxRelativePx) * unitsInPixel
    this.#totalX = totalX % 2 ** 32
    this.#totalY = totalY % 2 ** 32
    this.#sequence = nextSequence(sequence)
    return encodePointerMessage({
      type: 'pointer-relative',
      sequence,
      totalX: Math.round(totalX),
      totalY: Math.round(totalY),
    })
  }
}

/** The receiving end. */
export class PointerReceiver {
  #newest = 0xffff
  #totalX = 0
  #totalY = 0

  /** The motion of a datagram, undefined for one that came late or twice. Throws WireError. */
  accept(bytes: Uint8Array): Motion | undefined {
    const message = decodePointerMessage(bytes)
    if (!isNewer(message.sequence, this.#newest)) return undefined
    this.#newest = message.sequence
    if (message.type === 'pointer') return { type: 'pointer', x: message.x, y: message.y }
    const dx = ((message.totalX - this.#totalX) | 0) / unitsInPixel
    const dy = ((message.totalY - this.#totalY) | 0) / unitsInPixel
    this.#totalX = message.totalX
    this.#totalY = message.totalY
    return {
      type: 'pointer-relative',
      dx: clampFinite(dx, -maxRelativePx, maxRelativePx),
      dy: clampFinite(dy, -maxRelativePx, maxRelativePx),
    }
  }
}
