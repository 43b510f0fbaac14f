import type { Host } from './host.ts'

/** Counts since the host was opened. */
export interface HostCounters {
  /** Times something under a lobby broke and was started again. */
  readonly lobbyRecoveries: number
  /** Input events of sessions that were in a waiting room. */
  readonly inputsDropped: number
}

/** A host with the counts that nobody else keeps. */
export interface OpenHost extends Host {
  readonly counters: HostCounters
}
