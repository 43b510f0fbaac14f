import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

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

/**
 * A secret that is made of one of ours and one of somebody else's, both with 256 random bits: who brings theirs again is
 * given the same token, though neither the token nor theirs was kept.
 */
export function derivedToken(salt: Uint8Array, claim: string): string {
  return createHmac('sha256', salt).update(claim, 'utf8').digest('base64url')
}
