import type { Clock } from '../kernel/clock.ts'
import { EntryList } from './entry-list.ts'
import type { LifecycleEvent, LifecycleObservation } from './lifecycle-event.ts'
import { PathStopwatch } from './path-stopwatch.ts'
import { maxLobbies, type RecordedHandshake, type RecordEntry, type SessionRecord } from './session-record.ts'

/** What changes with what a path carries. A rendition that comes with another place is counted too: its cause tells. */
const adaptations: ReadonlySet<string> = new Set(['adaptation', 'parity', 'rendition', 'mode'])

type Created = Extract<LifecycleEvent, { readonly type: 'StreamSessionCreated' }>
type SessionEvent = Exclude<Extract<LifecycleEvent, { readonly sessionId: string }>, Created>

/** The way that a session's viewer is reached by now. */
export interface PresentPath {
  readonly path: string
  readonly local: string
  readonly remote: string
  readonly sinceMs: number
  readonly gateway: string
}

/** Writes one record. */
export class SessionRecordWriter {
  readonly startedMs: number
  /** What the archive knows the record by, once it has been written down. */
  number: number | undefined
  readonly #created: Created
  readonly #clock: Clock
  readonly #titleOf: (lobbyId: string) => string
  readonly #entries: EntryList
  readonly #paths: PathStopwatch
  readonly #lobbies = new Map<string, string>()
  #end: { readonly endedMs: number; readonly cause: string } | undefined
  #path: PresentPath | undefined
  #handshake: RecordedHandshake | undefined
  #adaptations = 0
  #freezes = 0
  #frozenMs = 0

  constructor(created: Created, options: { clock: Clock; maxEntries: number; titleOf: (lobbyId: string) => string }) {
    this.#created = created
    this.#clock = options.clock
    this.#titleOf = options.titleOf
    this.#entries = new EntryList(options.maxEntries)
    this.#paths = new PathStopwatch(options.clock)
    this.startedMs = options.clock.epochMs()
  }

  get path(): PresentPath | undefined {
    return this.#path
  }

  write(event: SessionEvent): void {
    if (this.#end) return
    switch (event.type) {
      case 'ResumeStream':
        return this.#add('stream', {})
      case 'JoinLobby': {
        const title = this.#titleOf(event.lobbyId)
        this.#entered(event.lobbyId, title)
        return this.#add('join', { lobbyId: event.lobbyId, title })
      }
      case 'LeaveLobby':
        return this.#add('leave', { lobbyId: event.lobbyId })
      case 'SendSession':
        return this.#add('sent', { lobbyId: event.lobbyId ?? null, ...event.sent })
      case 'ChangeRole':
        return this.#add('role', { role: event.role })
      case 'SwitchStreamProducer':
        return this.#add('switch', { producerId: event.producerId })
      case 'SessionObserved':
        return this.#observe(event.observation)
      case 'StopStream':
        this.#paths.stop()
        this.#end = { endedMs: this.#clock.epochMs(), cause: event.cause }
    }
  }

  read(): SessionRecord {
    const { sessionId, member } = this.#created
    return {
      sessionId,
      memberId: member.id,
      name: member.name,
      role: member.role,
      startedMs: this.startedMs,
      endedMs: this.#end?.endedMs,
      cause: this.#end?.cause,
      lobbies: [...this.#lobbies].map(([id, title]) => ({ id, title })),
      handshake: this.#handshake,
      pathDurationsMs: Object.fromEntries(this.#paths.read()),
      adaptations: this.#adaptations,
      freezes: this.#freezes,
      frozenMs: this.#frozenMs,
      entries: this.#entries.read(),
      entriesDropped: this.#entries.dropped,
    }
  }

  #observe(observation: LifecycleObservation): void {
    const { kind, ...facts } = observation
    if (observation.kind === 'handshake') {
      const { ok, tookMs, reason } = observation
      this.#handshake = { ok, tookMs, reason }
    }
    if (observation.kind === 'path') {
      const { path, local, remote, gateway } = observation
      this.#paths.take(path)
      this.#path = { path, local, remote, sinceMs: this.#clock.epochMs(), gateway }
    }
    if (adaptations.has(observation.kind)) this.#adaptations++
    if (observation.kind === 'freeze') {
      this.#freezes++
      this.#frozenMs += observation.durationMs
    }
    this.#add(kind, detailOf(facts))
  }

  #entered(lobbyId: string, title: string): void {
    this.#lobbies.set(lobbyId, title)
    const [oldest] = this.#lobbies.keys()
    if (this.#lobbies.size > maxLobbies && oldest !== undefined) this.#lobbies.delete(oldest)
  }

  #add(kind: string, detail: RecordEntry['detail']): void {
    this.#entries.add({ atMs: this.#clock.epochMs(), kind, detail })
  }
}

/** Facts of facts are told as sentences: `1280x720 at 60`. */
function detailOf(facts: Readonly<Record<string, unknown>>): RecordEntry['detail'] {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, plain(value)]))
}

function plain(value: unknown): RecordEntry['detail'][string] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'object' || value === null) return null
  return Object.values(value).join(' at ')
}
