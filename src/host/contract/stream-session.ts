import type { Closable } from '../../kernel/ending.ts'
import type { Readable, Unsubscribe } from '../../kernel/readable.ts'
import type { MediaSink, PictureChoice, Watch, WatchRequest } from '../../media/contract/producer.ts'
import type { Delivered, Delivery, LobbyText } from '../../domain/delivery.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { VoiceUnit } from '../../media/contract/voice.ts'
import type { Rumble } from '../../domain/gamepad.ts'
import type { GatewayName } from '../../domain/gateway-name.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import type { Member, Role } from '../../domain/member.ts'
import type { PointerBatch } from '../../domain/player.ts'
import type { SeatId, SeatWish } from '../../domain/seat.ts'

/** Who sent a session to where it is, and why, as far as they said; for people. */
export interface Sent {
  readonly by: string
  readonly reason?: string
}

/** What a session is shown. `sent` is there for as long as it is where somebody else has sent it. */
export type SessionPlace =
  /** The waiting room, and why; `lobbyId` when it belongs to a lobby that cannot be shown now. */
  | {
      readonly kind: 'waiting-room'
      readonly lobbyId: string | undefined
      readonly reason: string
      readonly sent?: Sent
    }
  | { readonly kind: 'lobby'; readonly lobbyId: string; readonly sent?: Sent }

/**
 * What one client has on the host (seed 001), as the gateways see it. It has a waiting room of its own from the first
 * moment to the last, so there is always a picture. It ends by `close()`, by 60 s without activity or by revocation,
 * and is never paused.
 */
export interface StreamSession extends Closable {
  readonly id: string
  /** As they are now: their role may change. */
  readonly member: Member
  readonly role: Readable<Role>
  readonly place: Readable<SessionPlace>
  /**
   * Begins to feed a viewer; the watch runs on through every switch of producer. Two can be fed at once, which is a
   * viewer that moves from one path to another; a third takes the place of the oldest, whose watch ends. Throws HostError `session-closed`.
   */
  attach(request: WatchRequest, sink: MediaSink): Watch
  /** How large and how often its viewers see what they see, whatever wire they are on; holds in every place. */
  readonly picture: PictureChoice
  /** Enters a lobby. Rejects with a HostError: `lobby-not-found`, `lobby-ended`, `forbidden`, `already-in-lobby`, `session-closed`. */
  join(lobbyId: string): Promise<void>
  /** Back to the waiting room; nothing happens when it is there. */
  leave(): Promise<void>
  /**
   * Puts it into a lobby, out of the one it is in, or back into its waiting room (`undefined`), without a picture of anything else in
   * between; its place tells who did so. Nothing happens when it is there. Rejects with a HostError, and leaves it where it is:
   * `lobby-not-found`, `lobby-ended`, `session-closed`, and `forbidden` for a lobby that its member may not enter.
   */
  send(lobbyId: string | undefined, sent: Sent): Promise<void>
  /** A way by which its client's input comes from now on. */
  openInput(): SessionInput
  /**
   * Hands input to the lobby. Throws HostError `input-forbidden` when the role may not; dropped in the waiting room, and
   * where the session does not hold the seat it needs. The first use of a seat that nobody has takes it.
   */
  input(event: InputMessage): void
  /**
   * Hands a packet of the session's microphone to those who hear it in its lobby: the app, the others, by the owner's choice and
   * the role. Dropped in the waiting room. Throws HostError `voice-forbidden` when nobody would hear it, and `too-many-speakers`
   * while eight others speak.
   */
  speak(unit: VoiceUnit): void
  /**
   * Calls `listener` with where the players of its lobby point, whichever lobby that is. All who follow are given the
   * same objects.
   */
  followPointers(listener: (batch: PointerBatch) => void): Unsubscribe
  /** Calls `listener` with what was said last in its lobby, whichever that is, and then with what is said there. */
  followTexts(listener: TextsListener): Unsubscribe
  /**
   * Does what is next in an outbox of the member, each delivery once however often it is brought. Rejects with HostError
   * `session-closed` when it ended before all was done; what cannot be done is told as refused.
   */
  deliver(outbox: string, deliveries: readonly Delivery[]): Promise<Delivered>
  /** Calls `listener` with what apps want the player to feel, and on which of the player's pads. */
  onRumble(listener: (pad: number, rumble: Rumble) => void): Unsubscribe
  /** Whether input of this seat's device reaches the app. */
  holds(seat: SeatId): boolean
  /**
   * Asks for a seat of its lobby, gives it back or hands it on; for the owner also the others'. Throws HostError
   * `input-forbidden`, `forbidden`, `not-in-lobby`, `seat-not-found`, `seat-shared`, `seat-locked`, `seat-not-held`.
   */
  changeSeat(seat: SeatId, wish: SeatWish): void
  /**
   * Asks the owner to be let play, or no longer; nothing for who may. Throws HostError `not-in-lobby`, `seat-not-found`,
   * `declined-lately`.
   */
  askToPlay(asks: boolean): void
  /** Releases everything this session holds down, at once. */
  releaseInput(): void
  /**
   * Makes `text` what the app pastes. Rejects with a HostError: `input-forbidden` when the role may not play,
   * `seat-not-held` when somebody else has keyboard and mouse, `clipboard-unavailable`, `clipboard-too-large`.
   */
  writeClipboard(text: string): Promise<void>
  /**
   * Calls `listener` with each text that the app copies from now on, in whichever lobby the session is, while its role may
   * play.
   */
  onCopy(listener: (text: string) => void): Unsubscribe
  /** Somebody is there: starts the idle time anew. */
  touch(): void
  /** Puts what a gateway saw into the session's record; goes out as a `SessionObserved` event. */
  observe(observation: Observation): void
}

/** One way by which a session's input comes. What is held down when it ends goes up, or goes over to another, once. */
export interface SessionInput {
  /** As {@link StreamSession.input}; does nothing once it has ended. */
  input(event: InputMessage): void
  /** It ends, and its client goes on by another way: what it holds stays down for the one that stands, where there is one. */
  handOn(): void
  /** It ends, and what it holds goes up. Idempotent. */
  close(): void
}

/** Oldest first; empty for a lobby in which nothing was said yet. */
export type TextsListener = (lobbyId: string, texts: readonly LobbyText[]) => void

/** Why a session is reached by the path that it is reached by. */
export type PathReason = 'first' | 'better' | 'fallback' | 'lost' | 'moved'

/** What of an encoding is told to operators: `1280x720`, pictures a second. */
export interface RenditionFacts {
  readonly size: string
  readonly fps: number
}

/** What operators follow of a session (seed 000, "Practical Observability Points"), and by which gateway it was seen. */
export type Observation = ObservedFact & { readonly gateway: GatewayName }

export type ObservedFact =
  | { readonly kind: 'handshake'; readonly ok: boolean; readonly tookMs: number; readonly reason: string | undefined }
  | {
      readonly kind: 'path'
      readonly path: 'direct' | 'relayed' | 'web-port'
      readonly local: string
      readonly remote: string
      /**
       * Nothing carried before; a path that is always there was needed, or is no more; the former one was lost; the ends changed
       * under a connection that stands.
       */
      readonly reason?: PathReason
      /** In words, with what else there is: `direct 192.0.2.1:5000, 4 ms (it is preferred and works again); relay …, kept warm`. */
      readonly why?: string | undefined
    }
  | {
      readonly kind: 'adaptation'
      readonly fromBps: number
      readonly toBps: number
      readonly cause: 'delay' | 'loss' | 'probe' | 'path'
    }
  /** So much parity goes with each picture, in percent of its packets, since this share (0 to 1) is lost. */
  | { readonly kind: 'parity'; readonly fromPercent: number; readonly toPercent: number; readonly lossRatio: number }
  /** Another encoding is shown: after a switch of producer, for what the path carries, or as the viewer wished. */
  | {
      readonly kind: 'rendition'
      readonly from: RenditionFacts
      readonly to: RenditionFacts
      readonly cause: 'switch' | 'path' | 'wish'
    }
  /**
   * A size is `asked` for, or none any more (then that is undefined), or something else is `offered` for the same: this is given,
   * `reason` where it is not what was asked for.
   */
  | {
      readonly kind: 'wish'
      readonly cause: 'asked' | 'offered'
      readonly asked: RenditionFacts | undefined
      readonly given: RenditionFacts | undefined
      readonly reason: string | undefined
    }
  /**
   * In which layout the place where it is sounds to a viewer whose client takes another: fewer channels are placed in it, more mixed down.
   */
  | { readonly kind: 'sound'; readonly asked: SoundLayout; readonly given: SoundLayout }
  /** Pictures are held back from who has fallen silent, and come again when they are heard. */
  | {
      readonly kind: 'mode'
      readonly to: 'pictures' | 'sound-alone' | 'bad-network'
      readonly cause: 'silence' | 'heard' | 'loss' | 'bursts' | 'calm'
    }
  /** The viewer got no picture that it could show for this long. */
  /**
   * A direct path was probed for by birthday, and what came of it: one that answers, nobody who did, or not one socket for it. The session goes on by
   * another path meanwhile.
   */
  | {
      readonly kind: 'probing'
      readonly result: 'opened' | 'unanswered' | 'no-sockets'
      readonly part: 'many sockets' | 'many ports'
      readonly probes: number
      readonly sockets: number
      readonly tookMs: number
    }
  | { readonly kind: 'freeze'; readonly durationMs: number }
  /** What served the viewer broke and was started again. */
  | { readonly kind: 'interruption'; readonly reason: string }
  /** The other end broke the protocol. */
  | { readonly kind: 'fault'; readonly code: string; readonly message: string }
