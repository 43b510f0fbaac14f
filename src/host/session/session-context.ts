import type { Clock } from '../../kernel/clock.ts'
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts'
import type { GamepadPort } from '../gamepad/gamepad.ts'
import type { HostEvent } from '../contract/host-event.ts'
import type { HostedLobby } from '../lobby/hosted-lobby.ts'
import type { WaitingRooms } from '../waiting-room/waiting-rooms.ts'

/** What a session needs of the host it is on. */
export interface SessionContext {
  /** It is not resumed after a loss: another session of its member comes in its place. */
  readonly returnsAnew: boolean
  readonly clock: Clock
  readonly rooms: WaitingRooms
  readonly desk: DeliveryDesk
  /** Undefined where there can be no gamepads. */
  readonly gamepads: GamepadPort | undefined
  /** Throws HostError `lobby-not-found` or `lobby-ended`. */
  lobby(lobbyId: string): HostedLobby
  /** Resolves when what is kept of a lobby is written down as it is now. Rejects with HostError `not-recorded`. */
  written(lobby: HostedLobby): Promise<void>
  emit(event: HostEvent): void
  /** A session has left a lobby that goes on; `cause` is that of the session's end, or undefined when it stays. */
  left(lobby: HostedLobby, cause: string | undefined): void
  /** Input came that nobody could be given. */
  inputDropped(): void
  /** A session is gone; `cause` says why. */
  sessionEnded(sessionId: string, cause: string): void
}
