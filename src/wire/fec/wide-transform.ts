import { product } from './galois-field.ts'
import { lanes, type FieldMemory } from './field-memory.ts'
import { tail } from './wide-field.ts'

/**
 * Polynomials over GF(2^16) in the basis of Lin, Chung and Han (Novel Polynomial Basis and Its Application to Reed-Solomon Erasure Codes, 2014),
 * one for each two bytes of a piece, and their values at neighbouring points: n log n sums and products take one to the other.
 *
 * A slot has a piece: the first halves of its elements in the one plane, the second halves in the other, so that a product by a byte is that
 * of two long rows of bytes, and one by an element is four.
 *
 *     memory: | low halves of slot 0 | of slot 1 | ... | high halves of slot 0 | of slot 1 | ... |
 */
export class WideTransform {
  readonly #memory: FieldMemory
  readonly #points: Uint16Array
  #halfBytes = 0
  #pieceBytes = 0
  #highAt = 0

  constructor(memory: FieldMemory, points: Uint16Array) {
    this.#memory = memory
    this.#points = points
  }

  /** So many slots for pieces of that length, all of them zeros. */
  clear(slots: number, pieceBytes: number): void {
    this.#pieceBytes = pieceBytes
    this.#halfBytes = Math.ceil(pieceBytes / 2 / lanes) * lanes
    this.#highAt = slots * this.#halfBytes
    this.#memory.reserve(2 * this.#highAt)
    this.#memory.bytes.fill(0, 0, 2 * this.#highAt)
  }

  write(slot: number, piece: Uint8Array): void {
    const [at, half] = [slot * this.#halfBytes, this.#pieceBytes / 2]
    this.#memory.bytes.set(piece.subarray(0, half), at)
    this.#memory.bytes.set(piece.subarray(half), this.#highAt + at)
  }

  read(slot: number, into: Uint8Array): void {
    const [at, half] = [slot * this.#halfBytes, this.#pieceBytes / 2]
    into.set(this.#memory.bytes.subarray(at, at + half))
    into.set(this.#memory.bytes.subarray(this.#highAt + at, this.#highAt + at + half), half)
  }

  erase(slot: number): void {
    const at = slot * this.#halfBytes
    this.#memory.bytes.fill(0, at, at + this.#halfBytes)
    this.#memory.bytes.fill(0, this.#highAt + at, this.#highAt + at + this.#halfBytes)
  }

  add(to: number, from: number, slots: number): void {
    const [toAt, fromAt, bytes] = [to * this.#halfBytes, from * this.#halfBytes, slots * this.#halfBytes]
    this.#memory.add(toAt, fromAt, bytes)
    this.#memory.add(this.#highAt + toAt, this.#highAt + fromAt, bytes)
  }

  addMultiple(to: number, from: number, slots: number, factor: number): void {
    if (factor === 0) return
    const [toAt, fromAt, bytes] = [to * this.#halfBytes, from * this.#halfBytes, slots * this.#halfBytes]
    const [low, high] = [factor & 0xff, factor >> 8]
    const add = (toPlane: number, fromPlane: number, by: number) => {
      if (by !== 0) this.#memory.addMultiple(toPlane + toAt, fromPlane + fromAt, bytes, by)
    }
    add(0, 0, low)
    add(0, this.#highAt, product(high, tail))
    add(this.#highAt, 0, high)
    add(this.#highAt, this.#highAt, low ^ high)
  }

  /** Coefficients of `slots` from `at` on, a power of two, become the values at as many points from `point` on; those from `from` to `to` alone. */
  evaluate(at: number, slots: number, point: number, from = 0, to = slots): void {
    if (slots === 1 || from >= slots || to <= 0) return
    const half = slots / 2
    const factor = this.#points[point / half] as number
    if (isByte(factor)) this.#inBothPlanes('butterfly', at, half, factor)
    else {
      this.addMultiple(at, at + half, half, factor)
      this.add(at + half, at, half)
    }
    this.evaluate(at, half, point, from, to)
    this.evaluate(at + half, half, point + half, from - half, to - half)
  }

  /** The other way round; values from `filled` on are zeros. */
  interpolate(at: number, slots: number, point: number, filled = slots): void {
    if (slots === 1 || filled <= 0) return
    const half = slots / 2
    this.interpolate(at, half, point, filled)
    this.interpolate(at + half, half, point + half, filled - half)
    const factor = this.#points[point / half] as number
    if (isByte(factor)) return this.#inBothPlanes('inverseButterfly', at, half, factor)
    this.add(at + half, at, half)
    this.addMultiple(at, at + half, half, factor)
  }

  #inBothPlanes(step: 'butterfly' | 'inverseButterfly', at: number, half: number, factor: number): void {
    if (factor === 0) return this.add(at + half, at, half)
    const [bytes, start] = [half * this.#halfBytes, at * this.#halfBytes]
    for (const plane of [start, this.#highAt + start]) this.#memory[step](plane, plane + bytes, bytes, factor)
  }

  /** The formal derivative of coefficients: that of each polynomial that the basis is made of is 1. */
  derive(at: number, slots: number): void {
    if (slots === 1) return this.erase(at)
    const half = slots / 2
    this.derive(at, half)
    this.add(at, at + half, half)
    this.derive(at + half, half)
  }
}

function isByte(element: number): boolean {
  return element < 256
}
