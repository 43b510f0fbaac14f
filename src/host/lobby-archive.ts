import type { KeyboardLayout } from '../domain/keyboard-layout.ts'
import type { Size } from '../domain/size.ts'
import type { KeptSeat, Seating } from '../domain/seat.ts'
import type { VoiceChoice } from '../domain/audience.ts'

/** Whether a lobby comes back, under the same id and with its app started again, when the host is started again. */
export type RestartPolicy = 'always' | 'never'

/** What has to be known of a lobby to open it again. */
export interface LobbyRecord {
  readonly id: string
  readonly appId: string
  /** Which of its app's homes it has. */
  readonly profile: string
  readonly title: string
  readonly size: Size
  /** Undefined for an app without keyboard. */
  readonly layout: KeyboardLayout | undefined
  readonly stopWhenEveryoneLeaves: boolean
  readonly seating: Seating
  readonly voice: VoiceChoice
  /** Seats that were somebody's or locked. */
  readonly seats: readonly KeptSeat[]
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number
}

/**
 * Where lobbies are written down that come back after a restart. What it was told is safe from a crash when the call
 * returns. Every call may throw.
 */
export interface LobbyArchive {
  /** Writes a new lobby, or what has changed of one. */
  keep(record: LobbyRecord): void
  /** Harmless for one that is not there. */
  forget(lobbyId: string): void
  /** Oldest first. */
  list(): readonly LobbyRecord[]
}

/** A lobby that could not come back; its record is kept for the next start. */
export interface AbsentLobby {
  readonly id: string
  readonly title: string
  /** Why, and how to change that where it is known; for people. */
  readonly reason: string
}
