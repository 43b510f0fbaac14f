import { may } from '../../../domain/rights.ts'
import { seatIds, type SeatId } from '../../../domain/seat.ts'
import type { StreamSession } from '../../../host/contract/stream-session.ts'
import type { Clock, Timer } from '../../../kernel/clock.ts'
import { Ending, type Closable, type End } from '../../../kernel/ending.ts'
import type { RemoteViewer } from '../../../viewer/remote-viewer.ts'
import { SessionPath } from '../../../viewer/session-path.ts'
import { SessionViewer, type SessionViewerOptions } from '../../../viewer/session-viewer.ts'
import type { ViewerProcess } from '../../../viewer/open-viewer-process.ts'
import { keysChannel, pointerChannel, type InputChannel } from '../../../wire/input/channels.ts'
import { decodeGamepadMessage, gamepadKind } from '../../../wire/input/gamepad-message.ts'
import { decodeKeysMessage } from '../../../wire/input/keys-message.ts'
import { WireError } from '../../../wire/wire-error.ts'
import { seatUseOf } from '../../../host/seats/input-seat.ts'
import { encrypted, streamedCodec } from '../../../wire/moonlight/stream-offer.ts'
import type { AgreedStream } from '../rtsp/rtsp-desk.ts'

export interface MoonlightStreamOptions {
  readonly context: SessionViewerOptions['context'] & { readonly clock: Clock }
  readonly viewerProcess: Pick<ViewerProcess, 'open'>
  readonly session: StreamSession
  readonly keepRecording: KeepRecording | undefined
}

/** Takes the recording of a conversation that has ended. Never throws. */
export type KeepRecording = (sessionId: string, recording: string) => void

/** Between two requests for a seat by who goes on without it. */
const askAgainMs = 10_000

/** How a stay ends that its session has not ended: the client quits, it is lost or begins anew, or this host is turned off. */
export type StreamEnd = 'left' | 'disconnected' | 'host-closing'
const gamepadSeats = seatIds.filter((id) => id !== 'keyboard-mouse')
const ends: ReadonlySet<string> = new Set<StreamEnd>(['left', 'disconnected', 'host-closing'])

/** One client's stay: a session from its launch on, a viewer from the moment at which both ends have agreed. It ends with either. */
export class MoonlightStream implements Closable {
  readonly session: StreamSession
  readonly closed: Promise<End>
  readonly #options: MoonlightStreamOptions
  readonly #ending: Ending
  readonly #path: SessionPath
  readonly #rumbles = new Map<number, Timer>()
  #viewer: SessionViewer | undefined
  #remote: RemoteViewer | undefined
  readonly #askedMs = new Map<SeatId, number>()
  #stopRumble = () => {}
  readonly #stopFollowing: () => void
  #lobbyId: string | undefined

  constructor(options: MoonlightStreamOptions) {
    const { context, session } = options
    this.#options = options
    this.session = session
    this.#path = new SessionPath({ observe: (fact) => session.observe({ ...fact, gateway: context.gateway }) })
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
    this.#stopFollowing = session.place.subscribe(({ lobbyId }) => (this.#lobbyId = lobbyId))
    void session.closed.then((end) => this.#ending.end(end))
  }

  /** What the path is believed to carry, in bits a second; 0 before anything is sent. */
  get targetBps(): number {
    return this.#viewer?.targetBps ?? 0
  }

  /** The lobby that it is in, or was in at its end. */
  get lobbyId(): string | undefined {
    return this.#lobbyId
  }

  /** Media is being sent. */
  get isOpen(): boolean {
    return this.#viewer?.open === true
  }

  /** Both ends have agreed: waits for the client, and serves it. Throws ViewerError `suspected` or `shut-out`. */
  begin({ launch, wish, connectData, pingPayloads, said }: AgreedStream): void {
    const { context, keepRecording, session, viewerProcess } = this.#options
    const { width, height, fps, bitrateBps, packetBytes, leastParity, soundLayout, audioPacketMs, encryption } = wish
    const { key, keyId } = launch.request
    const fault = (code: string, message: string) => {
      session.observe({ kind: 'fault', code, message, gateway: context.gateway })
      void this.#ending.fail(new Error(message))
    }
    this.#viewer = new SessionViewer({
      context,
      session,
      wish: { codecs: [streamedCodec], audio: true, soundLayout, shape: { width, height, maxFps: fps } },
      showsPointers: false,
      path: this.#path,
      refuse: () => undefined,
      fault,
      onStatistics: () => undefined,
      open: (events, intake) => {
        const terms = {
          connectData,
          pingPayloads,
          key: { secret: Buffer.from(key).toString('hex'), keyId },
          packetBytes,
          leastParity,
          encrypts: { video: (encryption & encrypted.video) !== 0, audio: (encryption & encrypted.audio) !== 0 },
          soundLayout,
          audioPacketMs,
          said,
          isRecorded: keepRecording !== undefined,
        }
        const request = {
          memberId: session.member.id,
          wire: { kind: 'moonlight' as const, terms },
          limitBps: bitrateBps,
        }
        this.#remote = viewerProcess.open(request, {
          ...events,
          input: (id, message) => {
            const channel = id === pointerChannel.id ? pointerChannel : keysChannel
            intake.input(channel, message)
            // A seat that was free has been taken by that.
            this.#askFor(channel, message)
          },
          voice: () => undefined,
          fault,
          recording: (recording) => keepRecording?.(session.id, recording),
        })
        return this.#remote
      },
    })
    void this.#viewer.closed.then((end) => this.#ending.end(end))
    this.#stopRumble = session.onRumble((pad, { strong, weak, durationMs }) =>
      this.#rumble(pad, strong, weak, durationMs),
    )
  }

  close(how: StreamEnd = 'left'): Promise<void> {
    return this.#ending.close(how)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Whoever does something without the seat for it asks for it by that: a TV has no button for it. Motion alone asks for nothing. */
  #askFor(channel: InputChannel, message: Uint8Array | string): void {
    const { context, session } = this.#options
    if (session.place.value.kind !== 'lobby') return
    const seats = seatsForDeed(channel, message)
    const [seat] = seats
    if (seat === undefined || seats.some((one) => session.holds(one))) return
    const nowMs = context.clock.nowMs()
    if (nowMs - (this.#askedMs.get(seat) ?? -Infinity) < askAgainMs) return
    this.#askedMs.set(seat, nowMs)
    try {
      if (may(session.role.value, 'play')) session.changeSeat(seat, { do: 'request' })
      else session.askToPlay(true)
    } catch {
      // In a lobby without seats, or declined a moment ago: they can only watch.
    }
  }

  /** A client lets a pad rumble until it is told the end. */
  #rumble(pad: number, strong: number, weak: number, durationMs: number): void {
    this.#rumbles.get(pad)?.cancel()
    this.#rumbles.delete(pad)
    this.#remote?.rumble(pad, strong, weak)
    if (strong === 0 && weak === 0) return
    const end = this.#options.context.clock.after(durationMs, () => this.#rumble(pad, 0, 0, 0))
    this.#rumbles.set(pad, end)
  }

  /** Whoever is lost finds the seats again that the session has, so that it ends by the cause. */
  async #release(end: End): Promise<void> {
    this.#stopFollowing()
    this.#stopRumble()
    for (const timer of this.#rumbles.values()) timer.cancel()
    await this.#viewer?.close('the session ended')
    await this.session.close(end.kind === 'clean' && ends.has(end.reason) ? end.reason : 'disconnected')
  }
}

/** Seats of which somebody needs one who does this, the first one first; none for what is no deed. */
function seatsForDeed(channel: InputChannel, message: Uint8Array | string): readonly SeatId[] {
  if (channel === pointerChannel || typeof message === 'string') return []
  try {
    if (message[0] === gamepadKind) return decodeGamepadMessage(message).state.buttons === 0 ? [] : gamepadSeats
    const event = decodeKeysMessage(message)
    if (event.type === 'gamepad-connect' || event.type === 'gamepad-disconnect') return []
    const use = seatUseOf(event)
    return use?.claim === 'deed' ? [use.seat] : []
  } catch (error) {
    // Whoever takes the message itself says what is wrong with it.
    if (error instanceof WireError) return []
    throw error
  }
}
