import type { Clock } from '../kernel/clock.ts'
import type { LifecycleEvent, LifecycleObservation } from './lifecycle-event.ts'

/** One session from start to stop. Times are milliseconds since the Unix epoch; durations are measured monotonically. */
export interface SessionRecord {
  readonly sessionId: string
  readonly name: string
  readonly role: string
  readonly startedMs: number
  readonly endedMs: number | undefined
  /** Why it ended. */
  readonly cause: string | undefined
  /** Oldest first. */
  readonly entries: readonly RecordEntry[]
  /** Entries that were dropped to keep the record short. */
  readonly entriesDropped: number
  /** How long it was reached by which path, up to now or to its end. */
  readonly pathDurationsMs: Readonly<Record<string, number>>
  readonly adaptations: number
  readonly freezes: number
  /** All freezes together. */
  readonly frozenMs: number
}

export interface RecordEntry {
  readonly atMs: number
  readonly kind: string
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}

type SessionEvent = Exclude<
  Extract<LifecycleEvent, { readonly sessionId: string }>,
  { readonly type: 'StreamSessionCreated' }
>

/** Writes one record. */
export class SessionRecordWriter {
  readonly sessionId: string
  readonly #name: string
  readonly #role: string
  readonly #clock: Clock
  readonly #maxEntries: number
  readonly #startedMs: number
  readonly #entries: RecordEntry[] = []
  readonly #pathDurationsMs = new Map<string, number>()
  #end: { readonly endedMs: number; readonly cause: string } | undefined
  #path: { readonly path: string; readonly sinceMs: number } | undefined
  #entriesDropped = 0
  #adaptations = 0
  #freezes = 0
  #frozenMs = 0

  constructor(sessionId: string, member: { name: string; role: string }, clock: Clock, maxEntries: number) {
    this.sessionId = sessionId
    this.#name = member.name
    this.#role = member.role
    this.#clock = clock
    this.#maxEntries = maxEntries
    this.#startedMs = clock.epochMs()
  }

  get ended(): boolean {
    return this.#end !== undefined
  }

  write(event: SessionEvent): void {
    if (this.#end) return
    switch (event.type) {
      case 'ResumeStream':
        return this.#add('stream', {})
      case 'JoinLobby':
        return this.#add('join', { lobbyId: event.lobbyId })
      case 'LeaveLobby':
        return this.#add('leave', { lobbyId: event.lobbyId })
      case 'SwitchStreamProducer':
        return this.#add('switch', { producerId: event.producerId })
      case 'SessionObserved':
        return this.#observe(event.observation)
      case 'StopStream':
        this.#leavePath()
        this.#end = { endedMs: this.#clock.epochMs(), cause: event.cause }
    }
  }

  read(): SessionRecord {
    return {
      sessionId: this.sessionId,
      name: this.#name,
      role: this.#role,
      startedMs: this.#startedMs,
      endedMs: this.#end?.endedMs,
      cause: this.#end?.cause,
      entries: [...this.#entries],
      entriesDropped: this.#entriesDropped,
      pathDurationsMs: Object.fromEntries(this.#durationsUpToNow()),
      adaptations: this.#adaptations,
      freezes: this.#freezes,
      frozenMs: this.#frozenMs,
    }
  }

  #observe(observation: LifecycleObservation): void {
    const { kind, ...facts } = observation
    if (observation.kind === 'path') {
      this.#leavePath()
      this.#path = { path: observation.path, sinceMs: this.#clock.nowMs() }
    }
    if (observation.kind === 'adaptation') this.#adaptations++
    if (observation.kind === 'freeze') {
      this.#freezes++
      this.#frozenMs += observation.durationMs
    }
    this.#add(kind, Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, value ?? null])))
  }

  #leavePath(): void {
    for (const [path, durationMs] of this.#durationsUpToNow()) this.#pathDurationsMs.set(path, durationMs)
    this.#path = undefined
  }

  #durationsUpToNow(): Map<string, number> {
    const durations = new Map(this.#pathDurationsMs)
    if (this.#path) {
      const { path, sinceMs } = this.#path
      durations.set(path, (durations.get(path) ?? 0) + this.#clock.nowMs() - sinceMs)
    }
    return durations
  }

  #add(kind: string, detail: RecordEntry['detail']): void {
    if (this.#entries.length >= this.#maxEntries) {
      const dispensable = this.#entries.findIndex((entry) => entry.kind === 'adaptation' || entry.kind === 'freeze')
      this.#entries.splice(Math.max(dispensable, 0), 1)
      this.#entriesDropped++
    }
    this.#entries.push({ atMs: this.#clock.epochMs(), kind, detail })
  }
}
