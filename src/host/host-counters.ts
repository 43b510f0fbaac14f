import type { Host } from './contract/host.ts'

/** Counts since the host was opened. */
export interface HostCounters {
  /** Times something under a lobby broke and was started again. */
  readonly lobbyRecoveries: number
  /** Input events of sessions that were in a waiting room, or did not hold the seat. */
  readonly inputsDropped: number
}

/** A host as whoever opens it has it: with what it can do once, and the counts that nobody else keeps. */
export interface OpenHost extends Host {
  readonly counters: HostCounters
  /**
   * Opens the lobbies that were written down before the last end, under the ids they had; those that cannot run now are
   * absent. To be called once. Throws what the archive throws when it cannot be read.
   */
  restoreLobbies(): Promise<void>
}
