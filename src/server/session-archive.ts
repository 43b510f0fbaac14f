import * as v from 'valibot'
import type { Numbered, RecordArchive } from '../observe/record-archive.ts'
import type { SessionRecord, SessionSummary } from '../observe/session-record.ts'
import type { NumberedSession, SessionTable } from '../store/session-table.ts'

const summary = v.object({
  lobbies: v.array(v.object({ id: v.string(), title: v.string() })),
  handshake: v.optional(v.object({ ok: v.boolean(), tookMs: v.number(), reason: v.optional(v.string()) })),
  pathDurationsMs: v.record(v.string(), v.number()),
  adaptations: v.number(),
  freezes: v.number(),
  frozenMs: v.number(),
  entriesDropped: v.number(),
})
const entries = v.array(
  v.object({
    atMs: v.number(),
    kind: v.string(),
    detail: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
  }),
)

/** The store's sessions as records are written down and read. */
export function sessionArchive(table: SessionTable): RecordArchive {
  return {
    write: (batch, nowMs) =>
      table.write(
        batch.map(({ number, record }) => ({
          number,
          session: { ...record, ...lobbyIdsOf(record), ...jsonOf(record) },
        })),
        nowMs,
      ),
    endAll: (cause) => table.endAll(cause),
    list: (query) => table.list(query).map(summaryOf),
    ofSession: (sessionId) =>
      table
        .ofSession(sessionId)
        .map((row) => ({ ...summaryOf(row), entries: v.parse(entries, JSON.parse(row.entries)) })),
  }
}

function lobbyIdsOf({ lobbies }: SessionRecord) {
  return { lobbyIds: lobbies.map(({ id }) => id) }
}

function jsonOf(record: SessionRecord) {
  const { lobbies, handshake, pathDurationsMs, adaptations, freezes, frozenMs, entriesDropped } = record
  const kept = { lobbies, handshake, pathDurationsMs, adaptations, freezes, frozenMs, entriesDropped }
  return { summary: JSON.stringify(kept), entries: JSON.stringify(record.entries) }
}

function summaryOf(row: Omit<NumberedSession, 'entries' | 'lobbyIds'>): Numbered<SessionSummary> {
  const { summary: json, ...searched } = row
  const { handshake, ...counted } = v.parse(summary, JSON.parse(json))
  return {
    ...searched,
    ...counted,
    handshake: handshake && { ...handshake, reason: handshake.reason },
  }
}
