import type { Clock } from '../kernel/clock.ts'
import type { LifecycleEvent } from './lifecycle-event.ts'
import { SessionRecordWriter, type SessionRecord } from './session-record.ts'

/** What became of the sessions, in memory: the last `maxRecords` of them. */
export interface SessionRecords {
  /** To be called with every domain event. */
  handle(event: LifecycleEvent): void
  /** Newest first. */
  list(): readonly SessionRecord[]
  /** The newest record of a session. */
  get(sessionId: string): SessionRecord | undefined
}

export interface SessionRecordsOptions {
  readonly clock: Clock
  /** 256 when left out. Ended sessions make room before running ones. */
  readonly maxRecords?: number
  /** Entries of one record, 200 when left out; adaptations and freezes make room before the rest. */
  readonly maxEntries?: number
}

export function openSessionRecords(options: SessionRecordsOptions): SessionRecords {
  const { clock, maxRecords = 256, maxEntries = 200 } = options
  const writers: SessionRecordWriter[] = []
  const current = (sessionId: string) => writers.findLast((writer) => writer.sessionId === sessionId)

  const start = (event: Extract<LifecycleEvent, { type: 'StreamSessionCreated' }>) => {
    if (writers.length >= maxRecords) {
      const ended = writers.findIndex((writer) => writer.ended)
      writers.splice(Math.max(ended, 0), 1)
    }
    writers.push(new SessionRecordWriter(event.sessionId, event.member, clock, maxEntries))
  }

  return {
    handle(event) {
      if (event.type === 'StreamSessionCreated') start(event)
      else if ('sessionId' in event) current(event.sessionId)?.write(event)
    },
    list: () => writers.map((writer) => writer.read()).toReversed(),
    get: (sessionId) => current(sessionId)?.read(),
  }
}
