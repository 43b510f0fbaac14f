import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../kernel/clock.ts'
import { converted } from './converted.ts'
import { bytesColumn, readRow, textColumn } from './read-row.ts'
import { hashToken, isTokenOf, newToken } from './token.ts'

/** The owner's one token, and who the owner is by it. Only its hash is kept, so it can be told once and never again. */
export interface OwnerToken {
  /** Whether one has been made. */
  readonly exists: boolean
  /** The owner's member id: another one for each token, so that whoever came in by the old one is shown out. */
  readonly memberId: string
  /** Makes a new one, which takes the place of the old, and returns it. */
  replace(): string
  matches(token: string): boolean
}

const schema = { hash: ['hash', bytesColumn], memberId: ['member_id', textColumn] } as const

export function openOwnerToken(database: DatabaseSync, clock: Clock): OwnerToken {
  const select = database.prepare('SELECT hash, member_id FROM owner_token')
  const upsert = database.prepare(
    `INSERT INTO owner_token (only_one, hash, member_id, created_ms) VALUES (1, ?, ?, ?)
     ON CONFLICT (only_one) DO UPDATE SET hash = excluded.hash, member_id = excluded.member_id, created_ms = excluded.created_ms`,
  )
  const read = () =>
    converted('Cannot read the owner token', () => {
      const row = select.get()
      return row && readRow(schema, row)
    })
  const hash = () => read()?.hash
  return {
    get exists() {
      return hash() !== undefined
    },
    get memberId() {
      return read()?.memberId ?? 'owner'
    },
    replace() {
      const token = newToken()
      converted('Cannot write the owner token', () => upsert.run(hashToken(token), randomUUID(), clock.epochMs()))
      return token
    },
    matches(token) {
      const expected = hash()
      return expected !== undefined && isTokenOf(token, expected)
    },
  }
}
