import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const tokenBytes = 32

/** A new secret for somebody to hold: 256 random bits in base64url (43 characters). */
export function newToken(): string {
  return randomBytes(tokenBytes).toString('base64url')
}

/** What is kept of a token: its SHA-256. A fast hash is right here, since the token itself cannot be guessed. */
export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token, 'utf8').digest()
}

/** Compares in a time that does not tell where the difference is. */
export function isTokenOf(token: string, hash: Uint8Array): boolean {
  const found = hashToken(token)
  return found.length === hash.length && timingSafeEqual(found, hash)
}
