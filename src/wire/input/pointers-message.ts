import type { PointerBatch, PointerPosition } from '../../domain/player.ts'
import { isNewer } from '../sequence-number.ts'
import { WireError } from '../wire-error.ts'
import { readFraction, writeFraction } from './fields.ts'

/**
 * Datagrams that go the other way on the pointer channel: where the players of a lobby point, the same bytes for every
 * viewer. Big-endian; each names those who have moved of late.
 *
 *     pointers | 3 | sequence (16) | { player (16) | x (16) | y (16) }* |    x, y: fractions of 65,535
 */
const kind = 3
const headerBytes = 3
const positionBytes = 6

/** More than fit into one datagram are left out. */
export const maxPositions = 190

/** Throws WireError `out-of-range` for a position that is not finite. */
export function encodePointers({ sequence, positions }: PointerBatch): Uint8Array {
  const told = positions.slice(0, maxPositions)
  const bytes = new Uint8Array(headerBytes + told.length * positionBytes)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, kind)
  view.setUint16(1, sequence)
  for (const [index, { player, x, y }] of told.entries()) {
    const at = headerBytes + index * positionBytes
    view.setUint16(at, player)
    writeFraction(view, at + 2, x)
    writeFraction(view, at + 4, y)
  }
  return bytes
}

/** Throws WireError. */
export function decodePointers(bytes: Uint8Array): PointerBatch {
  const length = bytes.length - headerBytes
  if (length < 0) throw new WireError('too-short', `Cannot read pointers: ${bytes.length} bytes, wanted at least 3`)
  if (length > maxPositions * positionBytes) {
    throw new WireError(
      'too-long',
      `Cannot read pointers: ${bytes.length} bytes, wanted at most ${maxPositions} of them`,
    )
  }
  if (bytes[0] !== kind) throw new WireError('unknown-type', `Cannot read pointers: kind ${bytes[0]}, wanted ${kind}`)
  if (length % positionBytes !== 0) throw new WireError('malformed', 'Cannot read pointers: one of them is cut off')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const positions = Array.from({ length: length / positionBytes }, (_, index) => {
    const at = headerBytes + index * positionBytes
    return { player: view.getUint16(at), x: readFraction(view, at + 2), y: readFraction(view, at + 4) }
  })
  return { sequence: view.getUint16(1), positions }
}

/** Nothing is late by so much: what comes after such a silence is news, or of another lobby with numbers of its own. */
const latestMs = 1000

/** The receiving end: leaves out what comes late or twice. */
export class PointersReceiver {
  #newest = 0
  #acceptedMs = Number.NEGATIVE_INFINITY

  /** Undefined for what is not news. `nowMs` is of a monotonic clock. Throws WireError. */
  accept(bytes: Uint8Array, nowMs: number): readonly PointerPosition[] | undefined {
    const { sequence, positions } = decodePointers(bytes)
    if (nowMs - this.#acceptedMs < latestMs && !isNewer(sequence, this.#newest)) return undefined
    this.#newest = sequence
    this.#acceptedMs = nowMs
    return positions
  }
}
