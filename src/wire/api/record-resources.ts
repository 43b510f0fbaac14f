import * as v from 'valibot'
import { role } from '../signal/role.ts'

const text = (maxLength: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(maxLength))

/** What became of one stay, as a list shows it. A session that was lost and resumed has several. */
export const sessionRecord = v.object({
  /** Of the stay. */
  id: v.string(),
  sessionId: v.string(),
  memberId: v.string(),
  name: v.string(),
  role,
  startedAt: v.string(),
  endedAt: v.nullable(v.string()),
  /** `left`, `disconnected`, `idle`, `revoked`, `stopped`, `host-closing`, `host-lost`, ... */
  cause: v.nullable(v.string()),
  /** Those it was in, as they were called then. */
  lobbies: v.array(v.object({ id: v.string(), title: v.string() })),
  handshake: v.nullable(v.object({ ok: v.boolean(), tookMs: v.number(), reason: v.nullable(v.string()) })),
  /** How long it was reached by which path. */
  pathsMs: v.record(v.string(), v.number()),
  adaptations: v.number(),
  freezes: v.number(),
  frozenMs: v.number(),
})
export type SessionRecordView = v.InferOutput<typeof sessionRecord>

/** Query of `GET /records` (owner). */
export const recordQuery = v.strictObject({
  /** `next` of the answer before. */
  cursor: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,14}$/))),
  /** 1 to 200; 50 when left out. */
  limit: v.optional(v.pipe(v.string(), v.regex(/^([1-9]\d?|1\d\d|200)$/))),
  /** Id of a lobby that it was in. */
  lobby: v.optional(text(64)),
  /** Id of a member. */
  member: v.optional(text(64)),
  cause: v.optional(text(64)),
  /** Those that began then or later. */
  since: v.optional(v.pipe(v.string(), v.isoTimestamp())),
})
export type RecordQuery = v.InferOutput<typeof recordQuery>

/** `GET /records`: newest first; `next` is the cursor of what comes after, null at the end. */
export const recordPage = v.object({ records: v.array(sessionRecord), next: v.nullable(v.string()) })
export type RecordPage = v.InferOutput<typeof recordPage>

/** A stay with everything that was noted of it. */
export const sessionStay = v.object({
  ...sessionRecord.entries,
  /** Oldest first. */
  entries: v.array(
    v.object({
      at: v.string(),
      /** `handshake`, `path`, `adaptation`, `freeze`, `join`, `leave`, `switch`, `stream`, `fault`, ... */
      kind: v.string(),
      detail: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
    }),
  ),
  /** How many were left out to keep it short. */
  entriesDropped: v.number(),
})
export type SessionStay = v.InferOutput<typeof sessionStay>

/** `GET /records/:id` (owner), by the session's id: its stays, oldest first. */
export const sessionTimeline = v.object({ sessionId: v.string(), stays: v.array(sessionStay) })
export type SessionTimeline = v.InferOutput<typeof sessionTimeline>
