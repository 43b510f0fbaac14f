import type { LobbyChange } from '../../domain/lobby-settings.ts'
import type { KeptSeat } from '../../domain/seat.ts'

/** What has to be known of a lobby to open it again. */
export interface LobbyRecord {
  readonly id: string
  readonly appId: string
  /** Which of its app's homes it has. */
  readonly profile: string
  /** What is not among them, since it was not known when they were written down, is as in a new lobby. */
  readonly settings: LobbyChange
  /** Seats that were somebody's or locked. */
  readonly seats: readonly KeptSeat[]
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number
}

/**
 * Where lobbies are written down that come back after a restart. What it was told is safe from a crash when the call
 * resolves. Every call may reject.
 */
export interface LobbyArchive {
  /** Writes a new lobby, or what has changed of one. */
  keep(record: LobbyRecord): Promise<void>
  /** Harmless for one that is not there. */
  forget(lobbyId: string): Promise<void>
  /** Oldest first. */
  list(): Promise<readonly LobbyRecord[]>
}

/** A lobby that could not come back; its record is kept for the next start. */
export interface AbsentLobby {
  readonly id: string
  readonly title: string
  /** Why, and how to change that where it is known; for people. */
  readonly reason: string
}
