import type { DatabaseSync } from 'node:sqlite'
import { converted } from './converted.ts'
import { relaxedTransaction } from './relaxed-transaction.ts'

/** A member's outbox: what it brings is done once, however often it is brought. */
export interface StoredOutbox {
  readonly memberId: string
  readonly outbox: string
}

export interface StoredRefusal {
  readonly sequence: number
  readonly code: string
  readonly message: string
}

/** Something that was said in a lobby, as far as it can be told from a file. */
export interface StoredText {
  readonly id: number
  readonly memberId: string
  readonly name: string
  readonly role: string
  readonly text: string
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
}

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

/** How many texts may be too many before they are looked for. */
const textSlack = 50

/** `now` is the time in milliseconds since the Unix epoch. */
export function openLedgerRecords(database: DatabaseSync, now: () => number, limits: LedgerLimits): LedgerRecords {
  const select = database.prepare('SELECT through, refused FROM outbox WHERE member_id = ? AND outbox = ?')
  const upsert = database.prepare(
    `INSERT INTO outbox (member_id, outbox, through, refused, used_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (member_id, outbox) DO UPDATE SET through = excluded.through, refused = excluded.refused, used_ms = excluded.used_ms`,
  )
  const removeSurplus = database.prepare(
    `DELETE FROM outbox WHERE member_id = ?1 AND outbox IN (
       SELECT outbox FROM outbox WHERE member_id = ?1 ORDER BY used_ms DESC, outbox LIMIT -1 OFFSET ?2)`,
  )
  const removeUnused = database.prepare('DELETE FROM outbox WHERE used_ms < ?')
  const insertText = database.prepare(
    'INSERT INTO lobby_text (lobby_id, member_id, name, role, text, said_ms) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const selectTexts = database.prepare(
    'SELECT id, member_id, name, role, text, said_ms FROM lobby_text WHERE lobby_id = ? ORDER BY id DESC LIMIT ?',
  )
  const removeOldTexts = database.prepare(
    `DELETE FROM lobby_text WHERE lobby_id = ?1 AND id <= (
       SELECT id FROM lobby_text WHERE lobby_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
  )
  const removeTexts = database.prepare('DELETE FROM lobby_text WHERE lobby_id = ?')
  const removeOrphans = database.prepare('DELETE FROM lobby_text WHERE lobby_id NOT IN (SELECT id FROM lobby)')

  const handled = ({ memberId, outbox }: StoredOutbox) => {
    const row = select.get(memberId, outbox)
    if (!row) return { through: 0, refused: [] }
    return { through: row['through'] as number, refused: JSON.parse(row['refused'] as string) as StoredRefusal[] }
  }
  const write = (key: StoredOutbox, sequence: number, refusal?: StoredRefusal) => {
    const { through, refused } = handled(key)
    const kept = refusal ? [...refused, refusal].slice(-limits.refusals) : refused
    upsert.run(key.memberId, key.outbox, sequence, JSON.stringify(kept), now())
    if (through === 0) removeSurplus.run(key.memberId, limits.outboxes)
  }
  /** Said since old texts were looked for last. */
  const surplus = new Map<string, number>()
  return {
    handled: (key) => converted('Cannot read an outbox', () => handled(key)),
    done: (key, sequence, refusal) =>
      converted('Cannot write an outbox', () => relaxedTransaction(database, () => write(key, sequence, refusal))),
    said: (key, sequence, { lobbyId, memberId, name, role, text, atMs }) =>
      converted('Cannot write a text', () =>
        relaxedTransaction(database, () => {
          write(key, sequence)
          const { lastInsertRowid } = insertText.run(lobbyId, memberId, name, role, text, atMs)
          const count = (surplus.get(lobbyId) ?? textSlack) + 1
          surplus.set(lobbyId, count % textSlack)
          if (count >= textSlack) removeOldTexts.run(lobbyId, limits.texts)
          return Number(lastInsertRowid)
        }),
      ),
    texts: (lobbyId, count) =>
      converted('Cannot read texts', () =>
        selectTexts.all(lobbyId, Math.min(count, limits.texts)).map(textOf).toReversed(),
      ),
    forgetTexts: (lobbyId) =>
      converted('Cannot forget texts', () => {
        surplus.delete(lobbyId)
        removeTexts.run(lobbyId)
      }),
    forgetOld: (forMs) =>
      converted('Cannot forget what is old', () => {
        removeUnused.run(now() - forMs)
        removeOrphans.run()
      }),
  }
}

function textOf(row: Record<string, unknown>): StoredText {
  return {
    id: row['id'] as number,
    memberId: row['member_id'] as string,
    name: row['name'] as string,
    role: row['role'] as string,
    text: row['text'] as string,
    atMs: row['said_ms'] as number,
  }
}
