import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../kernel/clock.ts'
import { converted } from './converted.ts'
import { hashToken, isTokenOf, newToken } from './token.ts'

/** The owner's one token. Only its hash is kept, so it can be told once and never again. */
export interface OwnerToken {
  /** Whether one has been made. */
  readonly exists: boolean
  /** Makes a new one, which takes the place of the old, and returns it. */
  replace(): string
  matches(token: string): boolean
}

export function openOwnerToken(database: DatabaseSync, clock: Clock): OwnerToken {
  const select = database.prepare('SELECT hash FROM owner_token')
  const upsert = database.prepare(
    `INSERT INTO owner_token (only_one, hash, created_ms) VALUES (1, ?, ?)
     ON CONFLICT (only_one) DO UPDATE SET hash = excluded.hash, created_ms = excluded.created_ms`,
  )
  const hash = () => converted('Cannot read the owner token', () => select.get()?.['hash'] as Uint8Array | undefined)
  return {
    get exists() {
      return hash() !== undefined
    },
    replace() {
      const token = newToken()
      converted('Cannot write the owner token', () => upsert.run(hashToken(token), clock.epochMs()))
      return token
    },
    matches(token) {
      const expected = hash()
      return expected !== undefined && isTokenOf(token, expected)
    },
  }
}
