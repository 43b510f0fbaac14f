import type { DatabaseSync } from 'node:sqlite'
import type { SealKey } from '../kernel/session/auth/seal.ts'
import { converted } from './converted.ts'
import { readRow, textColumn } from './read-row.ts'
import { type LedgerEntry, LedgerSeal } from './ledger-seal.ts'
import { relaxedTransaction } from './relaxed-transaction.ts'
import { progressSchema, textSchema, type StoredOutbox, type StoredRefusal, type StoredText } from './stored-ledger.ts'

export interface LedgerLimits {
  readonly refusals: number
  readonly outboxes: number
  readonly texts: number
}

/** What was done and said. A call is safe from the end of the process when it returns. */
export interface LedgerRecords {
  /** 0 for an outbox that is not known. */
  handled(key: StoredOutbox): { readonly through: number; readonly refused: readonly StoredRefusal[] }
  done(key: StoredOutbox, sequence: number, refusal?: StoredRefusal): void
  said(key: StoredOutbox, sequence: number, text: Omit<StoredText, 'id'> & { readonly lobbyId: string }): number
  /** Oldest first. */
  texts(lobbyId: string, count: number): readonly StoredText[]
  forgetTexts(lobbyId: string): void
  /** Forgets outboxes that were used last longer ago than `forMs`, and the texts of lobbies that are not to come back. */
  forgetOld(forMs: number): void
}

const surplusSchema = { outbox: ['outbox', textColumn] } as const
const orphanSchema = { lobbyId: ['lobby_id', textColumn] } as const

type Done = Extract<LedgerEntry, { readonly sequence: number }>

/** How many texts may be too many before they are looked for. */
const textSlack = 50

/** `now` is the time in milliseconds since the Unix epoch; every entry is signed with `sealKey`. */
export function openLedgerRecords(
  database: DatabaseSync,
  now: () => number,
  limits: LedgerLimits,
  sealKey: SealKey,
): LedgerRecords {
  const seal = new LedgerSeal(database, sealKey)
  const select = database.prepare('SELECT through, refused FROM outbox WHERE member_id = ? AND outbox = ?')
  const upsert = database.prepare(
    `INSERT INTO outbox (member_id, outbox, through, refused, used_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (member_id, outbox) DO UPDATE SET through = excluded.through, refused = excluded.refused, used_ms = excluded.used_ms`,
  )
  const removeSurplus = database.prepare(
    `DELETE FROM outbox WHERE member_id = ?1 AND outbox IN (
       SELECT outbox FROM outbox WHERE member_id = ?1 ORDER BY used_ms DESC, outbox LIMIT -1 OFFSET ?2)
     RETURNING outbox`,
  )
  const removeUnused = database.prepare('DELETE FROM outbox WHERE used_ms < ?')
  const insertText = database.prepare(
    'INSERT INTO lobby_text (lobby_id, member_id, name, role, text, said_ms, salt) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const selectTexts = database.prepare(
    'SELECT id, member_id, name, role, text, said_ms FROM lobby_text WHERE lobby_id = ? ORDER BY id DESC LIMIT ?',
  )
  const removeOldTexts = database.prepare(
    `DELETE FROM lobby_text WHERE lobby_id = ?1 AND id <= (
       SELECT id FROM lobby_text WHERE lobby_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
  )
  const removeTexts = database.prepare('DELETE FROM lobby_text WHERE lobby_id = ?')
  const selectOrphans = database.prepare(
    'SELECT DISTINCT lobby_id FROM lobby_text WHERE lobby_id NOT IN (SELECT id FROM lobby)',
  )

  const handled = ({ memberId, outbox }: StoredOutbox) => {
    const row = select.get(memberId, outbox)
    if (!row) return { through: 0, refused: [] }
    return readRow(progressSchema, row)
  }
  const write = ({ memberId, outbox }: StoredOutbox, sequence: number, more: Pick<Done, 'refusal' | 'text'> = {}) => {
    const { through, refused } = handled({ memberId, outbox })
    const { refusal } = more
    const kept = refusal ? [...refused, refusal].slice(-limits.refusals) : refused
    const atMs = now()
    upsert.run(memberId, outbox, sequence, JSON.stringify(kept), atMs)
    seal.append({ memberId, outbox, sequence, atMs, ...more })
    const surplusOutboxes = through === 0 ? removeSurplus.all(memberId, limits.outboxes) : []
    if (surplusOutboxes.length === 0) return
    const outboxes = surplusOutboxes.map((row) => readRow(surplusSchema, row).outbox)
    seal.append({ forgotten: { memberId, outboxes }, atMs })
  }
  /** Said since old texts were looked for last. */
  const surplus = new Map<string, number>()
  const forget = (lobbyId: string) => {
    surplus.delete(lobbyId)
    if (removeTexts.run(lobbyId).changes > 0) seal.append({ forgotten: { lobbyId }, atMs: now() })
  }
  return {
    handled: (key) => converted('Cannot read an outbox', () => handled(key)),
    done: (key, sequence, refusal) =>
      converted('Cannot write an outbox', () =>
        relaxedTransaction(database, () => write(key, sequence, refusal && { refusal })),
      ),
    said: (key, sequence, { lobbyId, memberId, name, role, text, atMs }) =>
      converted('Cannot write a text', () =>
        relaxedTransaction(database, () => {
          const salt = seal.newSalt()
          const { lastInsertRowid } = insertText.run(lobbyId, memberId, name, role, text, atMs, salt)
          const id = Number(lastInsertRowid)
          const digest = seal.digest({ id, lobbyId, memberId, name, role, text, atMs }, salt)
          write(key, sequence, { text: { id, lobbyId, digest } })
          const count = (surplus.get(lobbyId) ?? textSlack) + 1
          surplus.set(lobbyId, count % textSlack)
          if (count >= textSlack) removeOldTexts.run(lobbyId, limits.texts)
          return id
        }),
      ),
    texts: (lobbyId, count) =>
      converted('Cannot read texts', () =>
        selectTexts
          .all(lobbyId, Math.min(count, limits.texts))
          .map((row) => readRow(textSchema, row))
          .toReversed(),
      ),
    forgetTexts: (lobbyId) =>
      converted('Cannot forget texts', () => relaxedTransaction(database, () => forget(lobbyId))),
    forgetOld: (forMs) =>
      converted('Cannot forget what is old', () => {
        relaxedTransaction(database, () => {
          const atMs = now()
          const unusedSinceMs = atMs - forMs
          if (removeUnused.run(unusedSinceMs).changes > 0) seal.append({ forgotten: { unusedSinceMs }, atMs })
          for (const row of selectOrphans.all()) forget(readRow(orphanSchema, row).lobbyId)
        })
      }),
  }
}
