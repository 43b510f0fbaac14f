import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { VoiceReach } from '../../domain/audience.ts'
import type { Readable } from '../../kernel/readable.ts'
import type { Still } from '../../media/contract/still.ts'
import type { LobbySettings } from '../../domain/lobby-settings.ts'
import type { LimitName } from '../../domain/run-limit.ts'
import type { Player } from '../../domain/player.ts'
import type { Asker, Seat } from '../../domain/seat.ts'

/** Where a lobby is in its life. */
export type LobbyStatus =
  | { readonly status: 'starting'; readonly reason: string }
  | { readonly status: 'running' }
  /** Something under it died and is being started again; viewers are in the waiting room with this reason meanwhile. */
  | { readonly status: 'recovering'; readonly reason: string }
  | { readonly status: 'ended'; readonly reason: string }

/** A running app that sessions share. It goes on while nobody watches. */
export interface Lobby {
  readonly id: string
  readonly appId: string
  /** Which of its app's homes it has; no other lobby has it at the same time. */
  readonly profile: string
  readonly settings: Readable<LobbySettings>
  readonly status: Readable<LobbyStatus>
  readonly fps: number
  readonly resizable: boolean
  readonly sound: SoundLayout | undefined
  /** Who may use what; none for an app without a display. */
  readonly seats: Readable<readonly Seat[]>
  /** Those in it who may only watch and ask to play, oldest first. */
  readonly askers: Readable<readonly Asker[]>
  /** Those in it who may play. */
  readonly players: Readable<readonly Player[]>
  readonly voices: Voices
  /** Limits of its app that cannot be held on this machine; none while it is not known. */
  readonly unheldLimits: readonly LimitName[]
  /** Milliseconds since the Unix epoch. A restart does not change it. */
  readonly createdAtMs: number
  /** Ids of the sessions that are in it, in order of arrival. */
  readonly sessions: readonly string[]
  readonly output: LobbyOutput
  /** What it shows now, small, as a producer's `still` makes it; undefined unless it runs. */
  still(): Promise<Still | undefined>
}

/** The voices of those who are in a lobby. */
export interface Voices {
  readonly reach: Readable<VoiceReach>
  /** Ids of the sessions that are heard to say something now, whoever hears them; told a few times a second at most. */
  readonly speaking: Readable<readonly string[]>
}

/** One line of what a lobby's app has printed, or of what its host says about it. */
export interface OutputLine {
  /** Counts up by one with each line of a lobby, from 1; kept when older lines are dropped. */
  readonly number: number
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
  readonly source: 'app' | 'host'
  readonly text: string
}

/** What a lobby's app has printed, bounded; see `AppOutput`. */
export interface LobbyOutput {
  /** Oldest first; only those with a higher number than `after`. */
  lines(after?: number): readonly OutputLine[]
}

/** A lobby that has ended, while it is remembered. */
export interface EndedLobby {
  readonly id: string
  readonly appId: string
  readonly title: string
  readonly reason: string
  /** Milliseconds since the Unix epoch. */
  readonly endedAtMs: number
  readonly output: LobbyOutput
}
