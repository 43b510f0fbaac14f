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

/** Of a code with fixed points: data and rows of one block stand at points of their own, and no two at one. */
export const fixedPoints = 256

/**
 * The Cauchy matrix of the native transport: the data stands at 0, 1, ... and the rows at 255, 254, ..., so that a row is the same
 * however many there are: viewers who need more of them and viewers who need fewer share those that both have, and more can be
 * made of a block later on. Any rows repair as many pieces, as every square part of a Cauchy matrix has an inverse. For pieces and
 * rows that are no more than {@link fixedPoints} together.
 */
export function cauchyFixed(row: number, piece: number): number {
  return inverse((255 - row) ^ piece)
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
