import type { Coefficients } from './coefficients.ts'
import { inverse, product } from './galois-field.ts'
import { addMultiple, productsOf } from './parity-coder.ts'

/** What came of one block; undefined is what did not. */
export interface ReceivedBlock {
  readonly data: readonly (Uint8Array | undefined)[]
  readonly parity: readonly (Uint8Array | undefined)[]
  readonly pieceBytes: number
  readonly coefficients: Coefficients
}

/** Every piece of the data, or undefined when more are missing than there is parity. What came is not changed. */
export function recoverPieces({ data, parity, pieceBytes, coefficients }: ReceivedBlock): Uint8Array[] | undefined {
  const missing = data.flatMap((piece, index) => (piece === undefined ? [index] : []))
  const rows = parity.flatMap((piece, index) => (piece === undefined ? [] : [index])).slice(0, missing.length)
  if (rows.length < missing.length) return undefined
  const equations = rows.map((row) => {
    const sum = Uint8Array.from(parity[row] as Uint8Array)
    for (const [index, piece] of data.entries()) {
      if (piece) addMultiple(sum, 0, piece, 0, pieceBytes, productsOf(coefficients(row, index)))
    }
    return { factors: Uint8Array.from(missing, (index) => coefficients(row, index)), sum }
  })
  const found = solve(equations, pieceBytes)
  if (found === undefined) return undefined
  return data.map((piece, index) => piece ?? (found[missing.indexOf(index)] as Uint8Array))
}

interface Equation {
  readonly factors: Uint8Array
  readonly sum: Uint8Array
}

/** Gauss and Jordan. Undefined when they say the same twice, which rows of a Cauchy matrix never do. */
function solve(equations: Equation[], pieceBytes: number): Uint8Array[] | undefined {
  for (let column = 0; column < equations.length; column++) {
    const pivot = equations.findIndex(({ factors }, row) => row >= column && factors[column] !== 0)
    if (pivot < 0) return undefined
    const own = equations[pivot] as Equation
    equations[pivot] = equations[column] as Equation
    equations[column] = own
    scale(own, inverse(own.factors[column] as number))
    for (const other of equations) {
      const factor = other.factors[column] as number
      if (other === own || factor === 0) continue
      const products = productsOf(factor)
      addMultiple(other.factors, 0, own.factors, 0, own.factors.length, products)
      addMultiple(other.sum, 0, own.sum, 0, pieceBytes, products)
    }
  }
  return equations.map(({ sum }) => sum)
}

function scale({ factors, sum }: Equation, factor: number): void {
  for (const bytes of [factors, sum]) {
    for (let at = 0; at < bytes.length; at++) bytes[at] = product(bytes[at] as number, factor)
  }
}
