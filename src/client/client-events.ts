import type { Rumble } from '../domain/gamepad.ts'
import type { ShapeOffer } from '../domain/picture-shape.ts'
import type { LobbyText } from '../domain/delivery.ts'
import type { Place } from '../wire/signal/messages.ts'
import type { SeatsMessage } from '../wire/signal/seats.ts'
import type { VoicesMessage } from '../wire/signal/voices.ts'
import type { WebPicture, WebSound } from '../wire/web-media/host-media-message.ts'
import type { ClientError } from './contract/client-error.ts'
import type { ClientPath } from './contract/client-path.ts'
import type { ConnectionStatus } from './connection/connection-state.ts'
import type { Role } from '../domain/member.ts'
import type { PlayerPointer } from './seats/other-pointers.ts'
import type { ViewerStats } from './stats/viewer-stats.ts'

export interface SessionEvent {
  readonly sessionId: string
  /** It is the session that was asked for. */
  readonly isResumed: boolean
  /** And where it was, in the same role and with the same seats. */
  readonly historyRecovered: boolean
}

/** Who may use what in a lobby, and who is there to play. */
export type Seats = Omit<SeatsMessage, 'type'>

export interface ClientEvents {
  /** Told before the old connection is taken down, so that the last picture can be kept. */
  stateChange: [state: ConnectionStatus]
  /** Retry number `attempt` of at most `maxAttempts` begins in `delayMs`, or sooner when the host is heard of before. */
  reconnecting: [attempt: number, maxAttempts: number, delayMs: number]
  /** The host has greeted, again after each loss of signalling. */
  session: [session: SessionEvent]
  place: [place: Place]
  /** What one may do is known, or has changed. */
  role: [role: Role]
  /** Who may use what in the lobby; undefined outside of one. */
  seats: [seats: Seats | undefined]
  /** Who would hear one in the lobby, and who speaks; undefined outside of one. */
  voices: [voices: Voices | undefined]
  /** Some of the other players have moved their pointers; at most 25 times a second. */
  pointers: [pointers: readonly PlayerPointer[]]
  /** Somebody in the lobby has said something: each text once, what was said while away among them. */
  text: [text: LobbyText]
  /** What becomes of the shape that was asked for with `picture.set`; undefined while none is. */
  shape: [offer: ShapeOffer | undefined]
  stats: [stats: ViewerStats]
  /** What the app wants felt on gamepad `pad`, as it was told to `send`. */
  rumble: [pad: number, rumble: Rumble]
  /** Media comes another way, or, when undefined, by none for the moment. */
  pathChange: [path: ClientPath | undefined]
  /** With `media: 'encoded'`: a picture as it came, a key picture first on each connection. */
  picture: [picture: WebPicture]
  /** With `media: 'encoded'`: an Opus packet as it came. */
  sound: [sound: WebSound]
  /** A failed try, a loss, a refusal of the host, or what could not be sent. */
  error: [error: ClientError]
}

/** Whose voices are heard in a lobby, who would hear this client, and who speaks now. */
export type Voices = Omit<VoicesMessage, 'type'>
