import { createHash, randomInt, timingSafeEqual } from 'node:crypto'

/** Crockford's base 32: without letters that are read as digits, or as each other (crockford.com/base32.html). */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 10

/** What one tells a friend: ten characters, 50 bits, "7KQ2M-9XD4T". */
export function newPartyCode(): string {
  const letters = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
  return `${letters.slice(0, length / 2)}-${letters.slice(length / 2)}`
}

/** What is kept of it. Tries are few, so that a fast hash is right. */
export function hashOfCode(code: string): Uint8Array {
  return createHash('sha256').update(plainCode(code)).digest()
}

/** Compares in a time that does not tell where the difference is; small letters, blanks and letters that look like digits are as good. */
export function isCodeOf(code: string, hash: Uint8Array): boolean {
  return timingSafeEqual(hashOfCode(code), hash)
}

/** A code as it is compared: without blanks and hyphens, in capital letters, and none that look like digits. */
export function plainCode(code: string): string {
  return code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
}
