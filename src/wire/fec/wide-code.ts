import { fieldMemory, type FieldMemory } from './field-memory.ts'
import { mostPoints, order, wideField, type WideField } from './wide-field.ts'
import { WideTransform } from './wide-transform.ts'

/** What came of one block; undefined is what did not. */
export interface WideBlock {
  readonly data: readonly (Uint8Array | undefined)[]
  readonly parity: readonly (Uint8Array | undefined)[]
  /** Even. */
  readonly pieceBytes: number
}

export interface WideParity {
  /** Pieces of one length, one after the other. */
  readonly data: Uint8Array
  /** As many of the rows, from the first on, as there is room for. */
  readonly parity: Uint8Array
  /** Even. */
  readonly pieceBytes: number
}

/** Of one block; with its rows and as many points again they are all that there are. */
export const mostWidePieces = mostPoints / 2

/** The most rows that so many pieces can have: half as many, up to the next power of two. */
export function wideRows(pieces: number): number {
  let rows = 1
  while (2 * rows < pieces) rows *= 2
  return rows
}

/**
 * A Reed-Solomon code over GF(2^16) in one block of up to {@link mostWidePieces}: any of its pieces and rows, as many as it has pieces, are the
 * whole of it. With `m` for {@link wideRows}, rows stand at the points 0, 1, ... and pieces at m, m + 1, ..., whatever is wanted of them, so that a row
 * is the same however many there are. In row `r`, the piece `p` counts `point(1 + floor(p / m)) / point(r ^ (m + p))`, which is a Cauchy matrix with
 * columns that are scaled; it is not what is computed with. That the values at 4 m points (the rest are zeros) are those of a polynomial
 * of a degree below 3 m says the same, and costs n log n.
 *
 * One for all pictures: it has a memory of its own.
 */
export class WideCode {
  readonly #field: WideField = wideField()
  readonly #transform: WideTransform

  constructor(memory: FieldMemory = fieldMemory()) {
    this.#transform = new WideTransform(memory, this.#field.points)
  }

  /** Throws RangeError for lengths that do not fit. */
  encode({ data, parity, pieceBytes }: WideParity): void {
    const [pieces, rows] = [data.length / pieceBytes, parity.length / pieceBytes]
    const most = mostRows(pieces, pieceBytes)
    if (!Number.isInteger(rows) || rows > most) {
      throw new RangeError(`Cannot code ${pieces} pieces into ${rows} rows: wanted at most ${most}`)
    }
    const transform = this.#transform
    transform.clear(2 * most, pieceBytes)
    for (let piece = 0; piece < pieces; piece++) {
      transform.write(piece, data.subarray(piece * pieceBytes, (piece + 1) * pieceBytes))
    }
    transform.interpolate(0, most, most, pieces)
    transform.interpolate(most, most, 2 * most, pieces - most)
    transform.add(0, most, most)
    transform.evaluate(0, most, 0, 0, rows)
    for (let row = 0; row < rows; row++) {
      transform.read(row, parity.subarray(row * pieceBytes, (row + 1) * pieceBytes))
    }
  }

  /** Every piece of the data, or undefined when more are missing than there is parity. What came is not changed. Throws RangeError as `encode` does. */
  recover({ data, parity, pieceBytes }: WideBlock): Uint8Array[] | undefined {
    const most = mostRows(data.length, pieceBytes)
    const missing = data.flatMap((piece, index) => (piece === undefined ? [index] : []))
    const rows = parity.flatMap((piece, row) => (piece === undefined || row >= most ? [] : [row]))
    if (rows.length < missing.length) return undefined
    const [transform, { exponents }] = [this.#transform, this.#field]
    const slots = 4 * most
    const scratch = slots
    const isErased = new Uint8Array(slots).fill(1, 0, most)
    for (const row of rows) isErased[row] = 0
    for (const piece of missing) isErased[most + piece] = 1
    const locator = this.#locator(isErased)
    transform.clear(slots + 1, pieceBytes)
    const write = (slot: number, piece: Uint8Array) => {
      transform.write(scratch, piece)
      transform.addMultiple(slot, scratch, 1, exponents[locator[slot] as number] as number)
    }
    for (const row of rows) write(row, parity[row] as Uint8Array)
    for (const [index, piece] of data.entries()) if (piece) write(most + index, piece)
    // Where something is missing the product of polynomial and locator is 0, and its derivative the polynomial times the locator's.
    transform.interpolate(0, slots, 0, most + data.length)
    transform.derive(0, slots)
    transform.evaluate(0, slots, 0, most + (missing[0] ?? 0), most + (missing.at(-1) ?? -1) + 1)
    return data.map((piece, index) => {
      if (piece) return piece
      const slot = most + index
      transform.erase(scratch)
      transform.addMultiple(scratch, slot, 1, exponents[(order - (locator[slot] as number)) % order] as number)
      const found = new Uint8Array(pieceBytes)
      transform.read(scratch, found)
      return found
    })
  }

  /**
   * Logarithms of the polynomial that vanishes at what is erased, at each point; there, those of its derivative. They are sums over the
   * differences of points, and so a convolution, which Walsh's transform makes of products.
   */
  #locator(isErased: Uint8Array): Float64Array {
    const erased = Float64Array.from(isErased)
    const differences = Float64Array.from(this.#field.logarithms.subarray(0, isErased.length))
    walsh(erased)
    walsh(differences)
    // 2^16 is 1, and so this the inverse of the length.
    const scale = 65_536 / isErased.length
    const sums = erased.map((value, index) => (((value * (differences[index] as number)) % order) * scale) % order)
    walsh(sums)
    return sums
  }
}

/** Modulo {@link order}, in place. */
function walsh(values: Float64Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let block = 0; block < values.length; block += 2 * half) {
      for (let at = block; at < block + half; at++) {
        const [one, other] = [values[at] as number, values[at + half] as number]
        values[at] = (one + other) % order
        values[at + half] = (one - other + order) % order
      }
    }
  }
}

function mostRows(pieces: number, pieceBytes: number): number {
  if (!Number.isInteger(pieces) || pieces < 1 || pieces > mostWidePieces || pieceBytes % 2 !== 0) {
    throw new RangeError(
      `Cannot code ${pieces} pieces of ${pieceBytes} bytes: wanted 1 to ${mostWidePieces} of an even length`,
    )
  }
  return wideRows(pieces)
}
