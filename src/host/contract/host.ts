import type { Closable } from '../../kernel/ending.ts'
import type { EventBus } from '../../kernel/event-bus.ts'
import type { LobbyChange } from '../../domain/lobby-settings.ts'
import type { LayoutOffer } from '../display/known-layouts.ts'
import type { HostEvent } from './host-event.ts'
import type { EndedLobby, Lobby } from './lobby.ts'
import type { AbsentLobby } from './lobby-archive.ts'
import type { LobbyScope, Member, Role } from '../../domain/member.ts'
import type { OwnersSeatWish, SeatId } from '../../domain/seat.ts'
import type { StreamSession } from './stream-session.ts'

/** An app as it can be offered; `unavailable` says why it cannot run here and how to change that. */
export interface AppOffer {
  readonly id: string
  readonly title: string
  readonly unavailable: string | undefined
}

/** What a lobby is made of; what is left out is as its app and the host have it. */
export interface NewLobby extends LobbyChange {
  readonly appId: string
  /** Which home of the app it has; a free one when left out: `default`, `default-2` and so on. */
  readonly profile?: string | undefined
}

export interface NewSession {
  /** Given only to resume a session that was lost. */
  readonly id?: string
  /** When it is lost it is not resumed: its seats are kept for whichever session of its member comes next. */
  readonly returnsAnew?: boolean
}

/** Everything that runs here. All ids are unguessable. Rejections are HostErrors. */
export interface Host extends Closable {
  readonly events: EventBus<HostEvent>
  readonly apps: readonly AppOffer[]
  /** The keyboard layouts that lobbies can have. */
  readonly layouts: readonly LayoutOffer[]
  readonly lobbies: ReadonlyMap<string, Lobby>
  /** Lobbies that could not come back after a restart. They count as lobbies where these are limited. */
  readonly absentLobbies: ReadonlyMap<string, AbsentLobby>
  /** The last lobbies that have ended, newest first: 64 at most, for a day at most. */
  readonly endedLobbies: readonly EndedLobby[]
  readonly sessions: ReadonlyMap<string, StreamSession>
  /**
   * Resolves as soon as the lobby exists and is written down, if it is to come back (`restart`, `always` when left out);
   * its app may still be starting. Rejects: `app-not-found`, `app-unavailable`, `too-many-lobbies`, `invalid-size`,
   * `layout-unknown`, `profile-in-use`, `not-recorded`, `host-closed`.
   */
  createLobby(options: NewLobby): Promise<Lobby>
  /**
   * Changes what is given. Rejects: `lobby-not-found`, `lobby-ended`, `invalid-size`, `resize-unsupported`,
   * `layout-unsupported`, `layout-unknown`, `change-failed`, and `not-recorded` for what has changed but is as before after a restart.
   */
  changeLobby(lobbyId: string, change: LobbyChange): Promise<void>
  /**
   * Decides about a seat of a lobby, as its owner, and resolves when that is written down. Rejects: `lobby-not-found`, `lobby-ended`,
   * `seat-not-found`, `seat-shared`, `not-in-lobby`, `not-recorded`.
   */
  changeSeat(lobbyId: string, seat: SeatId, wish: OwnersSeatWish): Promise<void>
  /** Tells a member who asks to play that it is not the time. Throws `lobby-not-found`, `lobby-ended`, `not-asking`. */
  declineAsker(lobbyId: string, memberId: string): void
  /**
   * Ends the app and everything it ran on; its viewers go to the waiting room with `reason`. One that is absent is given
   * up. Rejects: `lobby-not-found`, `lobby-ended`, `not-recorded`.
   */
  stopLobby(lobbyId: string, reason: string): Promise<void>
  /** A new stay, in its waiting room. Throws `too-many-sessions`, `session-exists`, `host-closed`. */
  createSession(member: Member, options?: NewSession): StreamSession
  /** Gives a member another role in all their sessions, at once: who may not play any more lets everything go. */
  changeRole(memberId: string, role: Role): void
  /** Gives a member other lobbies to have to do with, in all their sessions: one that is in none of them goes to its waiting room. */
  changeScope(memberId: string, lobbies: LobbyScope): void
}
