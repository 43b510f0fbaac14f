import type { SessionRecord, SessionSummary } from './session-record.ts'

/** A record and the number that the archive has given it; a later record has a higher one. */
export type Numbered<Item> = Item & { readonly number: number }

/** Which records are asked for; what is undefined does not matter. */
export interface RecordQuery {
  /** Only those with a lower number. */
  readonly before: number | undefined
  readonly limit: number
  /** Those that were in this lobby. */
  readonly lobbyId: string | undefined
  readonly memberId: string | undefined
  readonly cause: string | undefined
  /** Those that started then or later, in milliseconds since the Unix epoch. */
  readonly sinceMs: number | undefined
}

/** Where records outlive the process; what holds it keeps the newest of them only. Every call may throw. */
export interface RecordArchive {
  /** Writes all of them or none. Those without a number are new; returns all numbers, in the same order. */
  write(
    batch: readonly { readonly number: number | undefined; readonly record: SessionRecord }[],
    nowMs: number,
  ): number[]
  /** Ends the records that a host left open, at the time they were last written; returns how many. */
  endAll(cause: string): number
  /** Newest first. */
  list(query: RecordQuery): readonly Numbered<SessionSummary>[]
  /** The newest stays of a session, oldest first. */
  ofSession(sessionId: string): readonly Numbered<SessionRecord>[]
}
