import { fieldMemory, type FieldMemory } from './field-memory.ts'
import { wideField, type WideField } from './wide-field.ts'
import { isFew, recoverFew, recoverMany, type WideBlock } from './wide-recovery.ts'
import { makeRows, mostWidePieces, wideRows } from './wide-rows.ts'
import { WideTransform } from './wide-transform.ts'

export interface WideParity {
  /** Pieces of one length, one after the other. */
  readonly data: Uint8Array
  /** As many of the rows, from the first on, as there is room for. */
  readonly parity: Uint8Array
  /** Even. */
  readonly pieceBytes: number
}

/**
 * A Reed-Solomon code over GF(2^16) in one block of up to {@link mostWidePieces}: any of its pieces and rows, as many as it has pieces, are the
 * whole of it. With `m` for {@link wideRows}, rows stand at the points 0, 1, ... and pieces at m, m + 1, ..., whatever is wanted of them, so that a row
 * is the same however many there are. In row `r`, the piece `p` counts `point(1 + floor(p / m)) / point(r ^ (m + p))`, which is a Cauchy matrix with
 * columns that are scaled; it is not what is computed with. That the values at 4 m points (the rest are zeros) are those of a polynomial
 * of a degree below 3 m says the same, and costs n log n.
 *
 * One for all pictures: its memory grows to four times the largest of them.
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
    makeRows(transform, pieces, rows)
    for (let row = 0; row < rows; row++) {
      transform.read(row, parity.subarray(row * pieceBytes, (row + 1) * pieceBytes))
    }
  }

  /** Every piece of the data, or undefined when more are missing than there is parity. What came is not changed. Throws RangeError as `encode` does. */
  recover(block: WideBlock): Uint8Array[] | undefined {
    const { data, parity, pieceBytes } = block
    const most = mostRows(data.length, pieceBytes)
    const missing = data.flatMap((piece, index) => (piece === undefined ? [index] : []))
    const rows = parity.flatMap((piece, row) => (piece === undefined || row >= most ? [] : [row]))
    if (rows.length < missing.length) return undefined
    const recover = isFew(missing.length, data.length) ? recoverFew : recoverMany
    const found = recover({ field: this.#field, transform: this.#transform }, block, { missing, rows })
    let next = 0
    return data.map((piece) => piece ?? (found[next++] as Uint8Array))
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
