import { order, type WideField } from './wide-field.ts'
import { makeRows, wideRows } from './wide-rows.ts'
import type { WideTransform } from './wide-transform.ts'

/** What came of one block; undefined is what did not. */
export interface WideBlock {
  readonly data: readonly (Uint8Array | undefined)[]
  readonly parity: readonly (Uint8Array | undefined)[]
  /** Even. */
  readonly pieceBytes: number
}

/** Of a block by their places: pieces that did not come, and at least as many rows that did. */
export interface Loss {
  readonly missing: readonly number[]
  readonly rows: readonly number[]
}

export interface WideTools {
  readonly field: WideField
  readonly transform: WideTransform
}

/** Each missing piece is a sum of as many rows; from about so many on, transforms of everything take less than all those sums. */
export function isFew(missing: number, pieces: number): boolean {
  const most = wideRows(pieces)
  return missing ** 2 <= 2 * most * Math.log2(most)
}

/** What is missing, in its order: what came makes rows, and what they lack of those that came is the missing pieces' part in them. */
export function recoverFew({ field, transform }: WideTools, block: WideBlock, loss: Loss): Uint8Array[] {
  const { data, parity, pieceBytes } = block
  const most = wideRows(data.length)
  const { missing } = loss
  const rows = loss.rows.slice(0, missing.length)
  const scratch = 2 * most
  transform.clear(scratch + 1, pieceBytes)
  for (const [index, piece] of data.entries()) if (piece) transform.write(index, piece)
  makeRows(transform, data.length, (rows.at(-1) ?? -1) + 1)
  for (const row of rows) {
    transform.write(scratch, parity[row] as Uint8Array)
    transform.add(row, scratch, 1)
  }
  const { ofRows, ofPieces } = inverseOf(field, most, missing, rows)
  return missing.map((piece, index) => {
    transform.erase(scratch)
    for (const [place, row] of rows.entries()) {
      const logarithm = (ofRows[place] as number) + (ofPieces[index] as number) - differenceOf(field, row, most + piece)
      transform.addMultiple(scratch, row, 1, elementOf(field, logarithm))
    }
    return taken(transform, scratch, pieceBytes)
  })
}

/**
 * Of the part of the matrix that rows have in missing pieces the inverse (of Cauchy's, with columns scaled), as logarithms: that of a row, plus that
 * of a piece, less that of the difference of their points.
 */
function inverseOf(field: WideField, most: number, missing: readonly number[], rows: readonly number[]) {
  const pieces = missing.map((piece) => most + piece)
  const across = (from: number, to: readonly number[]) => sum(to.map((point) => differenceOf(field, from, point)))
  return {
    ofRows: rows.map((row) => across(row, pieces) - across(row, rows)),
    ofPieces: pieces.map((piece) => {
      const scale = field.logarithms[Math.floor(piece / most)] as number
      return across(piece, rows) - across(piece, pieces) - scale
    }),
  }
}

/**
 * As {@link recoverFew}, however many: the polynomial of the block times the one that vanishes where something is missing, rows that did not come
 * among it, is known everywhere; where something is missing its derivative is the polynomial times the other's derivative.
 */
export function recoverMany({ field, transform }: WideTools, block: WideBlock, { missing, rows }: Loss): Uint8Array[] {
  const { data, parity, pieceBytes } = block
  const most = wideRows(data.length)
  const slots = 4 * most
  const scratch = slots
  const isErased = new Uint8Array(slots).fill(1, 0, most)
  for (const row of rows) isErased[row] = 0
  for (const piece of missing) isErased[most + piece] = 1
  const locator = locatorOf(field, isErased)
  transform.clear(slots + 1, pieceBytes)
  const write = (slot: number, piece: Uint8Array) => {
    transform.write(scratch, piece)
    transform.addMultiple(slot, scratch, 1, elementOf(field, locator[slot] as number))
  }
  for (const row of rows) write(row, parity[row] as Uint8Array)
  for (const [index, piece] of data.entries()) if (piece) write(most + index, piece)
  transform.interpolate(0, slots, 0, most + data.length)
  transform.derive(0, slots)
  transform.evaluate(0, slots, 0, most + (missing[0] ?? 0), most + (missing.at(-1) ?? -1) + 1)
  return missing.map((piece) => {
    const slot = most + piece
    transform.erase(scratch)
    transform.addMultiple(scratch, slot, 1, elementOf(field, -(locator[slot] as number)))
    return taken(transform, scratch, pieceBytes)
  })
}

/**
 * Logarithms of the polynomial that vanishes at what is erased, at each point; there, those of its derivative. They are sums over the
 * differences of points, and so a convolution, which Walsh's transform makes of products.
 */
function locatorOf({ logarithms }: WideField, isErased: Uint8Array): Float64Array {
  const erased = Float64Array.from(isErased)
  const differences = Float64Array.from(logarithms.subarray(0, isErased.length))
  walsh(erased)
  walsh(differences)
  // 2^16 is 1, and so this the inverse of the length.
  const scale = 65_536 / isErased.length
  const sums = erased.map((value, index) => (((value * (differences[index] as number)) % order) * scale) % order)
  walsh(sums)
  return sums
}

/** Modulo {@link order}, in place. */
function walsh(values: Float64Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let block = 0; block < values.length; block += 2 * half) {
      for (let at = block; at < block + half; at++) {
        const one = values[at] as number
        const other = values[at + half] as number
        values[at] = (one + other) % order
        values[at + half] = (one - other + order) % order
      }
    }
  }
}

/** The logarithm; that of a point from itself is 0. */
function differenceOf({ logarithms }: WideField, one: number, other: number): number {
  return logarithms[one ^ other] as number
}

function elementOf({ exponents }: WideField, logarithm: number): number {
  const rest = logarithm % order
  return exponents[rest < 0 ? rest + order : rest] as number
}

function sum(values: readonly number[]): number {
  return values.reduce((before, value) => before + value, 0)
}

function taken(transform: WideTransform, slot: number, pieceBytes: number): Uint8Array {
  const piece = new Uint8Array(pieceBytes)
  transform.read(slot, piece)
  return piece
}
