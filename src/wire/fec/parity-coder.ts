import { product } from './galois-field.ts'
import type { Coefficients } from './coefficients.ts'

/** What makes parity: pieces of one length, one after the other in one piece of memory. */
export interface ParityCoder {
  /**
   * Writes `rows` pieces of parity for the pieces in `data`, of `pieceBytes` each, over `parity`. Throws RangeError for lengths that
   * do not fit.
   */
  encode(code: ParityCode): void
}

export interface ParityCode {
  readonly data: Uint8Array
  readonly parity: Uint8Array
  readonly pieceBytes: number
  readonly coefficients: Coefficients
}

/** How many pieces of data and parity there are. Throws RangeError for lengths that do not fit. */
export function piecesOf({ data, parity, pieceBytes }: ParityCode): { pieces: number; rows: number } {
  const pieces = data.length / pieceBytes
  const rows = parity.length / pieceBytes
  if (!Number.isInteger(pieces) || !Number.isInteger(rows) || pieces < 1) {
    throw new RangeError(
      `Cannot code ${data.length} bytes into ${parity.length}: wanted whole pieces of ${pieceBytes} bytes`,
    )
  }
  return { pieces, rows }
}

/** Anywhere; a key picture of 270 kB takes some 20 ms. */
export const plainParity: ParityCoder = {
  encode(code) {
    const { pieces, rows } = piecesOf(code)
    const { data, parity, pieceBytes, coefficients } = code
    parity.fill(0)
    for (let row = 0; row < rows; row++) {
      for (let piece = 0; piece < pieces; piece++) {
        addMultiple(
          parity,
          row * pieceBytes,
          data,
          piece * pieceBytes,
          pieceBytes,
          productsOf(coefficients(row, piece)),
        )
      }
    }
  },
}

/** `to` += a multiple of `from`, which is what `products` has at each value of a byte. */
export function addMultiple(
  to: Uint8Array,
  toAt: number,
  from: Uint8Array,
  fromAt: number,
  bytes: number,
  products: Uint8Array,
): void {
  for (let at = 0; at < bytes; at++) {
    to[toAt + at] = (to[toAt + at] as number) ^ (products[from[fromAt + at] as number] as number)
  }
}

const tables: (Uint8Array | undefined)[] = []

/** `factor` times every value of a byte. */
export function productsOf(factor: number): Uint8Array {
  return (tables[factor] ??= Uint8Array.from({ length: 256 }, (_, value) => product(factor, value)))
}
