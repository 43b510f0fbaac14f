import { inverse } from './galois-field.ts'

/** What piece `piece` of the data counts in piece `row` of the parity. */
export type Coefficients = (row: number, piece: number) => number

/**
 * The Cauchy matrix of Moonlight's video: the rows stand at 0, 1, ... and the data behind all of them, so that a row is another one
 * when there are more of them.
 */
export function cauchyBehind(rows: number): Coefficients {
  return (row, piece) => inverse((rows + piece) ^ row)
}

const audioMatrix = [
  [0x77, 0x40, 0x38, 0x0e],
  [0xc7, 0xa7, 0x0d, 0x6c],
] as const

/** The two rows of Moonlight's sound, which are no Cauchy matrix: for four pieces. Throws RangeError for any other. */
export function audioCoefficients(row: number, piece: number): number {
  const value = audioMatrix[row]?.[piece]
  if (value === undefined) throw new RangeError(`Cannot code row ${row} of piece ${piece}: there are 2 of 4`)
  return value
}
