import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { LifecycleEvent } from './lifecycle-event.ts'
import type { Numbered, RecordArchive, RecordQuery } from './record-archive.ts'
import { SessionRecordWriter, type PresentPath } from './session-record-writer.ts'
import type { SessionRecord, SessionSummary } from './session-record.ts'
import { WriteBehind } from './write-behind.ts'

/** What became of the sessions, written behind into an archive that outlives the process. */
export interface SessionRecords {
  /** To be called with every domain event. */
  handle(event: LifecycleEvent): void
  /** What is known of a session that goes on now. */
  present(sessionId: string): Presence | undefined
  /** Newest first. What has just happened is among it. May throw what the archive throws. */
  list(query: RecordQuery): readonly Numbered<SessionSummary>[]
  /** The stays of a session, oldest first: one that was lost and resumed has several. May throw what the archive throws. */
  ofSession(sessionId: string): readonly Numbered<SessionRecord>[]
  /** Writes down what has not been. */
  close(): void
}

/** A session that goes on. Times are milliseconds since the Unix epoch. */
export interface Presence {
  readonly startedMs: number
  /** How its viewer is reached; undefined before it is. */
  readonly path: PresentPath | undefined
}

export interface SessionRecordsOptions {
  readonly clock: Clock
  readonly log: Log
  readonly archive: RecordArchive
  /** What a lobby is called now. */
  readonly titleOf: (lobbyId: string) => string
  /** Entries of one record, 200 when left out; adaptations and freezes make room before the rest. */
  readonly maxEntries?: number
}

/** How many ended sessions may wait when the archive takes nothing. */
const maxWaiting = 2048
/** The end of a session whose host was killed. */
const lostCause = 'host-lost'

/** Opens the records, and ends those that a killed host has left open. */
export function openSessionRecords(options: SessionRecordsOptions): SessionRecords {
  const { clock, log, archive, titleOf, maxEntries = 200 } = options
  const current = new Map<string, SessionRecordWriter>()
  const behind = new WriteBehind<SessionRecordWriter>({
    clock,
    log,
    maxWaiting,
    write(writers) {
      const batch = writers.map((writer) => ({ number: writer.number, record: writer.read() }))
      const numbers = archive.write(batch, clock.epochMs())
      for (const [index, writer] of writers.entries()) writer.number = numbers[index]
    },
  })
  const lost = archive.endAll(lostCause)
  if (lost > 0) log.warn('Sessions were lost with the host that had them', { sessions: lost })

  const start = (event: Extract<LifecycleEvent, { type: 'StreamSessionCreated' }>) => {
    const writer = new SessionRecordWriter(event, { clock, maxEntries, titleOf })
    current.set(event.sessionId, writer)
    behind.changed(writer, 'soon')
  }
  /** The durations of one that goes on have grown since it was written. */
  const upToNow = <Item extends Numbered<SessionSummary>>(item: Item): Item => {
    const writer = current.get(item.sessionId)
    return writer?.number === item.number ? { ...item, ...writer.read() } : item
  }

  return {
    handle(event) {
      if (event.type === 'StreamSessionCreated') return start(event)
      const writer = 'sessionId' in event ? current.get(event.sessionId) : undefined
      if (!writer || !('sessionId' in event)) return
      writer.write(event)
      const ends = event.type === 'StopStream'
      if (ends) current.delete(event.sessionId)
      behind.changed(writer, ends ? 'soon' : 'later')
    },
    present: (sessionId) => current.get(sessionId),
    list(query) {
      behind.flush()
      return archive.list(query).map(upToNow)
    },
    ofSession(sessionId) {
      behind.flush()
      return archive.ofSession(sessionId).map(upToNow)
    },
    close: () => behind.close(),
  }
}
