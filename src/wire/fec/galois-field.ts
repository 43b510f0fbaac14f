/**
 * The field GF(2^8) of Reed-Solomon codes with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11d) and the generator 2, in which a
 * sum is an exclusive or.
 */
const polynomial = 0x11d

/** 2 to the power of the index; twice, so that a sum of two logarithms needs no remainder. */
const exponents = new Uint8Array(510)
const logarithms = new Uint8Array(256)
for (let power = 0, value = 1; power < 255; power++) {
  exponents[power] = value
  exponents[power + 255] = value
  logarithms[value] = power
  value <<= 1
  if (value > 0xff) value ^= polynomial
}

export function product(a: number, b: number): number {
  if (a === 0 || b === 0) return 0
  return exponents[(logarithms[a] as number) + (logarithms[b] as number)] as number
}

/** Throws RangeError for 0, which has none. */
export function inverse(a: number): number {
  if (a === 0) throw new RangeError('Cannot invert 0')
  return exponents[255 - (logarithms[a] as number)] as number
}
