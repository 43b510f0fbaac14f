import type { DatabaseSync } from 'node:sqlite'
import { converted } from './converted.ts'
import { numberColumn, optional, readRow, textColumn, type RowSchema } from './read-row.ts'
import { relaxedTransaction } from './relaxed-transaction.ts'

/** A session as it is kept: what is searched by in columns, the rest as its owner writes it. */
export interface StoredSession {
  readonly sessionId: string
  readonly memberId: string
  readonly name: string
  readonly role: string
  /** Milliseconds since the Unix epoch, as all times here. */
  readonly startedMs: number
  readonly endedMs: number | undefined
  readonly cause: string | undefined
  readonly lobbyIds: readonly string[]
  /** JSON of what else a list shows. */
  readonly summary: string
  /** JSON of everything else. */
  readonly entries: string
}

export type NumberedSession = StoredSession & { readonly number: number }

/** What is undefined does not matter. */
export interface SessionFilter {
  readonly before: number | undefined
  readonly limit: number
  readonly lobbyId: string | undefined
  readonly memberId: string | undefined
  readonly cause: string | undefined
  readonly sinceMs: number | undefined
}

/** The newest {@link maxSessions} sessions. They are observations: the disk has them unless the power fails. */
export interface SessionTable {
  /** Writes all of them or none; returns their numbers. Those without one are new. */
  write(
    batch: readonly { readonly number: number | undefined; readonly session: StoredSession }[],
    nowMs: number,
  ): number[]
  /** Ends all that have no end, when they were last written; returns how many. */
  endAll(cause: string): number
  /** Newest first, without `entries` and `lobbyIds`. */
  list(filter: SessionFilter): readonly Omit<NumberedSession, 'entries' | 'lobbyIds'>[]
  /** The newest {@link maxStays} of one id, oldest first, without `lobbyIds`. */
  ofSession(sessionId: string): readonly Omit<NumberedSession, 'lobbyIds'>[]
}

export const maxSessions = 10_000
const maxStays = 50

const listed = 'number, session_id, member_id, name, role, started_ms, ended_ms, cause, summary'

export function openSessionTable(database: DatabaseSync, keep = maxSessions): SessionTable {
  const insert = database.prepare(
    `INSERT INTO session_record
       (session_id, member_id, name, role, started_ms, seen_ms, ended_ms, cause, summary, entries)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const update = database.prepare(
    'UPDATE session_record SET seen_ms = ?, ended_ms = ?, cause = ?, summary = ?, entries = ? WHERE number = ?',
  )
  // One that was pruned meanwhile has no row to refer to.
  const insertLobby = database.prepare(
    `INSERT OR IGNORE INTO session_record_lobby (lobby_id, number)
     SELECT ?, number FROM session_record WHERE number = ?`,
  )
  const prune = database.prepare(
    `DELETE FROM session_record WHERE ended_ms IS NOT NULL AND number <=
       (SELECT number FROM session_record ORDER BY number DESC LIMIT 1 OFFSET ?)`,
  )
  const end = database.prepare('UPDATE session_record SET ended_ms = seen_ms, cause = ? WHERE ended_ms IS NULL')
  const select = database.prepare(
    `SELECT ${listed} FROM session_record
     WHERE (:before IS NULL OR number < :before)
       AND (:member IS NULL OR member_id = :member)
       AND (:cause IS NULL OR cause = :cause)
       AND (:since IS NULL OR started_ms >= :since)
       AND (:lobby IS NULL OR number IN (SELECT number FROM session_record_lobby WHERE lobby_id = :lobby))
     ORDER BY number DESC LIMIT :limit`,
  )
  const selectStays = database.prepare(
    `SELECT ${listed}, entries FROM session_record WHERE session_id = ? ORDER BY number DESC LIMIT ${maxStays}`,
  )

  const put = (number: number | undefined, session: StoredSession, nowMs: number): number => {
    const { sessionId, memberId, name, role, startedMs, endedMs = null, cause = null, summary, entries } = session
    if (number !== undefined) {
      update.run(nowMs, endedMs, cause, summary, entries, number)
      return number
    }
    const added = insert.run(sessionId, memberId, name, role, startedMs, nowMs, endedMs, cause, summary, entries)
    return Number(added.lastInsertRowid)
  }

  const putAll: SessionTable['write'] = (batch, nowMs) =>
    relaxedTransaction(database, () => {
      const numbers = batch.map(({ number: known, session }) => {
        const number = put(known, session, nowMs)
        for (const lobbyId of session.lobbyIds) insertLobby.run(lobbyId, number)
        return number
      })
      prune.run(keep)
      return numbers
    })

  return {
    write: (batch, nowMs) => converted('Cannot write session records', () => putAll(batch, nowMs)),
    endAll: (cause) => converted('Cannot end session records', () => Number(end.run(cause).changes)),
    list: ({ before = null, limit, lobbyId = null, memberId = null, cause = null, sinceMs = null }) =>
      converted('Cannot list session records', () =>
        select
          .all({ before, limit, lobby: lobbyId, member: memberId, cause, since: sinceMs })
          .map((row) => readRow(listedSchema, row)),
      ),
    ofSession: (sessionId) =>
      converted('Cannot read session records', () =>
        selectStays
          .all(sessionId)
          .map((row) => readRow(staySchema, row))
          .toReversed(),
      ),
  }
}

type ListedSession = Omit<NumberedSession, 'entries' | 'lobbyIds'>

const listedSchema: RowSchema<ListedSession> = {
  number: ['number', numberColumn],
  sessionId: ['session_id', textColumn],
  memberId: ['member_id', textColumn],
  name: ['name', textColumn],
  role: ['role', textColumn],
  startedMs: ['started_ms', numberColumn],
  endedMs: ['ended_ms', optional(numberColumn)],
  cause: ['cause', optional(textColumn)],
  summary: ['summary', textColumn],
}

const staySchema: RowSchema<Omit<NumberedSession, 'lobbyIds'>> = { ...listedSchema, entries: ['entries', textColumn] }
