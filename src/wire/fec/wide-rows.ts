import { mostPoints } from './wide-field.ts'
import type { WideTransform } from './wide-transform.ts'

/** Of one wide block; with its rows and as many points again they are all that there are. */
export const mostWidePieces = mostPoints / 2

/** The most rows that so many pieces can have: half as many, up to the next power of two. */
export function wideRows(pieces: number): number {
  let rows = 1
  while (2 * rows < pieces) rows *= 2
  return rows
}

/**
 * Of pieces in the slots from 0 on, with zeros behind them in twice as many slots as there can be rows: makes the first `rows` rows, in the place
 * of the first pieces. The sum of what interpolates each so many values of a codeword is zero, that of its rows among them.
 */
export function makeRows(transform: WideTransform, pieces: number, rows: number): void {
  const most = wideRows(pieces)
  transform.interpolate(0, most, most, pieces)
  transform.interpolate(most, most, 2 * most, pieces - most)
  transform.add(0, most, most)
  transform.evaluate(0, most, 0, 0, rows)
}
