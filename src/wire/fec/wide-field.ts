import { product } from './galois-field.ts'
import { productsOf } from './parity-coder.ts'

/**
 * The field GF(2^16) as pairs of bytes over that of `galois-field.ts`: `low + high t` with t^2 = t + {@link tail}, written `high << 8 | low`. A
 * product by a single byte is that of each half.
 *
 * Its points are numbered by Cantor's basis, v(0) = 1 and v(i)^2 + v(i) = v(i - 1): point `n` is the sum of the v(i) of the bits of `n`. So the
 * sum of two points is the point of their numbers' exclusive or, the first 2^8 of them are the single bytes, and the polynomial that
 * vanishes at the first 2^i points has at point `n` the value of point `n >> i` (D. G. Cantor, On arithmetical algorithms over finite
 * fields, 1989), which is what makes the transform of `wide-transform.ts` short and cheap.
 */
export interface WideField {
  readonly points: Uint16Array
  /** Of each point but the first, which is 0 and has 0 here. */
  readonly logarithms: Uint16Array
  /** The element of a logarithm below {@link order}. */
  readonly exponents: Uint16Array
}

/** How many points are made; any more would be of no use. */
export const mostPoints = 8192
/** Of the elements but 0. */
export const order = 65_535

const pointBits = 13
const generatorTail = 2
/** v(7): no byte squared and added to itself is it, so that t is none. */
export const tail = byteBasis()[7] as number

function byteBasis(): number[] {
  const basis = [1]
  while (basis.length < 8) basis.push(rootOf(basis.at(-1) as number) as number)
  return basis
}

/** The lower of the two bytes x with x^2 + x = `sum`; half of all bytes have none. */
function rootOf(sum: number): number | undefined {
  for (let x = 0; x < 256; x += 2) if ((product(x, x) ^ x) === sum) return x
  return undefined
}

export function wideProduct(one: number, other: number): number {
  const high = product(one >> 8, other >> 8)
  const middle = product(one & 0xff, other >> 8) ^ product(one >> 8, other & 0xff)
  return ((middle ^ high) << 8) | (product(one & 0xff, other & 0xff) ^ product(high, tail))
}

/** v(i) of the v(i - 1) that is given. */
function nextOfBasis(before: number): number {
  const high = rootOf(before >> 8) as number
  for (const each of [high, high ^ 1]) {
    const low = rootOf((before & 0xff) ^ product(tail, product(each, each)))
    if (low !== undefined) return (each << 8) | low
  }
  throw new RangeError(`Cannot go on behind ${before}: it is no element of the basis`)
}

/** Takes a millisecond or two. */
export function wideField(): WideField {
  const basis = byteBasis()
  while (basis.length < pointBits) basis.push(nextOfBasis(basis.at(-1) as number))
  const points = new Uint16Array(mostPoints)
  for (const [bit, element] of basis.entries()) {
    for (let below = 0; below < 1 << bit; below++) points[(1 << bit) | below] = (points[below] as number) ^ element
  }
  const exponents = powers()
  const ofElements = new Uint16Array(order + 1)
  for (let power = 0; power < order; power++) ofElements[exponents[power] as number] = power
  return { points, exponents, logarithms: points.map((element) => ofElements[element] as number) }
}

/** The powers of t + {@link generatorTail} are all of the elements but 0. */
function powers(): Uint16Array {
  const exponents = new Uint16Array(order)
  const [byGenerator, byTail] = [productsOf(generatorTail), productsOf(tail)]
  let low = 1
  let high = 0
  for (let power = 0; power < order; power++) {
    exponents[power] = (high << 8) | low
    const before = high
    high = low ^ (byGenerator[before] as number) ^ before
    low = (byGenerator[low] as number) ^ (byTail[before] as number)
  }
  return exponents
}
