/**
 * What became of one stay, from start to stop, as far as a list shows it. Times are milliseconds since the Unix epoch;
 * durations are measured monotonically.
 */
export interface SessionSummary {
  readonly sessionId: string
  readonly memberId: string
  readonly name: string
  readonly role: string
  readonly startedMs: number
  readonly endedMs: number | undefined
  /** Why it ended. */
  readonly cause: string | undefined
  /** Those it was in, each once, in the order of entering; the last {@link maxLobbies}. */
  readonly lobbies: readonly RecordedLobby[]
  /** The latest one. */
  readonly handshake: RecordedHandshake | undefined
  /** How long it was reached by which path, up to now or to its end. */
  readonly pathDurationsMs: Readonly<Record<string, number>>
  readonly adaptations: number
  readonly freezes: number
  /** All freezes together. */
  readonly frozenMs: number
  /** Entries that were dropped to keep the record short. */
  readonly entriesDropped: number
}

/** A stay with everything that was noted of it. */
export interface SessionRecord extends SessionSummary {
  /** Oldest first. */
  readonly entries: readonly RecordEntry[]
}

export interface RecordedLobby {
  readonly id: string
  /** What it was called then. */
  readonly title: string
}

export interface RecordedHandshake {
  readonly ok: boolean
  readonly tookMs: number
  readonly reason: string | undefined
}

export interface RecordEntry {
  readonly atMs: number
  readonly kind: string
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}

export const maxLobbies = 32
