import { createHash } from 'node:crypto'

/** Crockford's base32: no letters that are taken for digits or for each other. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const groups = 4
const groupLength = 4

/** By which a public key is kept: its SHA-256 in hexadecimal. */
export function keyFingerprint(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex')
}

/**
 * What people compare of a public key, `7QK2-M0XD-9T4A-W8HN`: the first 80 bits of its fingerprint. Whoever wants another key with the
 * same has to make some 10^24.
 */
export function shortFingerprint(publicKey: Uint8Array): string {
  const digest = BigInt(`0x${keyFingerprint(publicKey).slice(0, (groups * groupLength * 5) / 4)}`)
  const letters = Array.from({ length: groups * groupLength }, (_, index) => {
    return alphabet[Number((digest >> BigInt((groups * groupLength - 1 - index) * 5)) & 31n)]
  })
  return (letters.join('').match(/.{4}/g) ?? []).join('-')
}
