import type { Coefficients } from './coefficients.ts'
import { lanes, PlainMemory, type FieldMemory } from './field-memory.ts'
import { inverse } from './galois-field.ts'
import { addMultiple, productsOf } from './parity-coder.ts'

/** What came of one block; undefined is what did not. */
export interface ReceivedBlock {
  readonly data: readonly (Uint8Array | undefined)[]
  readonly parity: readonly (Uint8Array | undefined)[]
  readonly pieceBytes: number
  readonly coefficients: Coefficients
}

/**
 * Every piece of the data, or undefined when more are missing than there is parity. What came is not changed; what is in `memory` is, which
 * is what it is computed in.
 */
export function recoverPieces(
  { data, parity, pieceBytes, coefficients }: ReceivedBlock,
  memory: FieldMemory = new PlainMemory(),
): Uint8Array[] | undefined {
  const missing = data.flatMap((piece, index) => (piece === undefined ? [index] : []))
  const rows = parity.flatMap((piece, index) => (piece === undefined ? [] : [index])).slice(0, missing.length)
  if (rows.length < missing.length) return undefined
  const sums = new Sums(memory, rows.length, pieceBytes)
  for (const [index, row] of rows.entries()) sums.write(index, parity[row] as Uint8Array)
  for (const [index, piece] of data.entries()) {
    if (piece) sums.addEverywhere(piece, (sum) => coefficients(rows[sum] as number, index))
  }
  const equations = rows.map((row, sum) => ({
    factors: Uint8Array.from(missing, (index) => coefficients(row, index)),
    sum,
  }))
  const found = solve(equations, sums)
  if (found === undefined) return undefined
  return data.map((piece, index) => piece ?? sums.read(found[missing.indexOf(index)] as number))
}

/** What is missing, multiplied and added up, for each row that came; a piece that is added stands behind them. */
class Sums {
  readonly #memory: FieldMemory
  readonly #count: number
  readonly #pieceBytes: number
  readonly #laneBytes: number

  constructor(memory: FieldMemory, count: number, pieceBytes: number) {
    this.#memory = memory
    this.#count = count
    this.#pieceBytes = pieceBytes
    this.#laneBytes = Math.ceil(pieceBytes / lanes) * lanes
    memory.reserve((count + 1) * this.#laneBytes)
  }

  write(sum: number, bytes: Uint8Array): void {
    this.#memory.bytes.set(bytes, sum * this.#laneBytes)
  }

  addEverywhere(piece: Uint8Array, factor: (sum: number) => number): void {
    this.write(this.#count, piece)
    for (let sum = 0; sum < this.#count; sum++) this.addMultiple(sum, this.#count, factor(sum))
  }

  addMultiple(to: number, from: number, factor: number): void {
    this.#memory.addMultiple(to * this.#laneBytes, from * this.#laneBytes, this.#laneBytes, factor)
  }

  scale(sum: number, factor: number): void {
    // It is there once already.
    this.addMultiple(sum, sum, factor ^ 1)
  }

  read(sum: number): Uint8Array {
    return this.#memory.bytes.slice(sum * this.#laneBytes, sum * this.#laneBytes + this.#pieceBytes)
  }
}

interface Equation {
  readonly factors: Uint8Array
  /** Its number. */
  readonly sum: number
}

/** Gauss and Jordan: which sum each one is. Undefined when they say the same twice, which rows of a Cauchy matrix never do. */
function solve(equations: Equation[], sums: Sums): number[] | undefined {
  for (let column = 0; column < equations.length; column++) {
    const pivot = equations.findIndex(({ factors }, row) => row >= column && factors[column] !== 0)
    if (pivot < 0) return undefined
    const own = equations[pivot] as Equation
    equations[pivot] = equations[column] as Equation
    equations[column] = own
    const scale = inverse(own.factors[column] as number)
    addMultipleOf(own.factors, own.factors, scale ^ 1)
    sums.scale(own.sum, scale)
    for (const other of equations) {
      const factor = other.factors[column] as number
      if (other === own || factor === 0) continue
      addMultipleOf(other.factors, own.factors, factor)
      sums.addMultiple(other.sum, own.sum, factor)
    }
  }
  return equations.map(({ sum }) => sum)
}

function addMultipleOf(to: Uint8Array, from: Uint8Array, factor: number): void {
  addMultiple(to, 0, from, 0, to.length, productsOf(factor))
}
