import { videoCodecs } from '../../domain/video-codec.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable, type End } from '../../kernel/ending.ts'
import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import type { MediaSink } from '../../media/contract/producer.ts'
import { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import type { ViewerCounters } from '../contract/gateway-counters.ts'
import { NetworkMode } from './network-mode.ts'
import { PacedSender, type PacedSenderOptions } from './paced-sender.ts'
import { ParityShare } from './parity-share.ts'
import { PictureGap } from './picture-gap.ts'
import type { Pump } from './pump.ts'
import { VideoRate } from './video-rate.ts'
import { next, type ViewerEvent, type ViewerState } from './viewer-state.ts'
import { ViewerError } from '../contract/viewer-error.ts'
import type { ViewerEvents } from '../contract/viewer-events.ts'
import {
  usesParity,
  usesResends,
  type ViewerWire,
  type WireEvents,
  type WirePacket,
  type WirePath,
} from '../contract/viewer-wire.ts'

/** What all viewers of one place share. */
export interface ViewerParts {
  readonly clock: Clock
  /** The clock of `AccessUnit.captureUs`. */
  readonly nowUs: () => number
  readonly pump: Pump
  readonly counters: ViewerCounters
  readonly captureToPacketMs: PacedSenderOptions<WirePacket>['captureToPacketMs']
}

export interface ViewerOptions<Packet extends WirePacket> {
  readonly parts: ViewerParts
  /** The most that the viewer wants, 0 for no limit of its own. */
  readonly limitBps: number
  /** Makes the wire, which says to `events` what comes of it; not before this call has returned. */
  readonly openWire: (events: WireEvents) => ViewerWire<Packet>
  readonly events: ViewerEvents
  /** Of a connection that carries more than this viewer, and has one for all of it. */
  readonly controller?: BitrateController
}

const tickMs = 100
const secondUs = 1_000_000

/**
 * The sending end of one connection, whatever the wire: what its path carries, when pictures are held back or begin anew, what
 * operators see of it. It ends by `close()`, or with an error when the other end is gone.
 */
export class Viewer<Packet extends WirePacket> implements Closable, MediaSink {
  readonly closed: Promise<End>
  readonly wire: ViewerWire<Packet>
  readonly #parts: ViewerParts
  readonly #events: ViewerEvents
  readonly #controller: BitrateController
  /** It is another's, who tells it of another path. */
  readonly #isControllerShared: boolean
  readonly #sender: PacedSender<Packet>
  readonly #rate: VideoRate
  readonly #parity: ParityShare | undefined
  readonly #gap = new PictureGap()
  #network = new NetworkMode()
  readonly #ending: Ending
  readonly #startedUs: number
  #state: ViewerState
  /** Pictures have been asked for. */
  #isOpen = false
  #heardUs: number | undefined
  #isHeardSinceTold = false
  #path: WirePath | undefined
  #nextSecondUs = 0
  #stopTicking = () => {}

  /** Throws what `openWire` throws. */
  constructor({ parts, limitBps, openWire, events, controller }: ViewerOptions<Packet>) {
    const { clock, nowUs } = parts
    this.#parts = parts
    this.#events = events
    this.#startedUs = nowUs()
    this.#state = { phase: 'connecting', startedUs: this.#startedUs }
    this.wire = openWire(this.#wireEvents())
    this.#isControllerShared = controller !== undefined
    this.#controller =
      controller ??
      new BitrateController({
        rateKnownBy: this.wire.rateKnownBy,
        ...(this.wire.startBps !== undefined && { startBps: this.wire.startBps }),
      })
    this.#controller.setCap(limitBps)
    this.#parity = usesParity(this.wire) ? new ParityShare({ isOnly: !usesResends(this.wire) }) : undefined
    this.#rate = new VideoRate(this.#controller, this.wire.expectedSoundBps)
    this.#sender = new PacedSender({
      ...parts,
      wire: this.wire,
      controller: this.#controller,
      parityPercent: () => this.#parity?.percent ?? 0,
      onBehind: () => this.#resync(),
      onKeyPictureSent: (atUs) => this.#keyPictureSent(atUs),
    })
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
    const ticks = clock.every(tickMs, () => this.#tick())
    this.#stopTicking = () => ticks.cancel()
  }

  /** When the other end was heard last; undefined before the first time. */
  get heardUs(): number | undefined {
    return this.#heardUs
  }

  /** What the path is believed to carry, in bits a second. */
  get targetBps(): number {
    return this.#controller.targetBps
  }

  video(unit: AccessUnit): void {
    if (!this.#ending.begun) this.#sender.video(unit)
  }

  audio(unit: AudioUnit): void {
    if (!this.#ending.begun) this.#sender.audio(unit)
  }

  /** Pictures that were meant for it are gone: only a key picture helps. */
  missed(): void {
    if (!this.#ending.begun) this.#resync()
  }

  /** Where others point, as `encodePointers` writes it. */
  pointers(message: Uint8Array): void {
    if (!this.#ending.begun && this.#isOpen) this.#sender.pointers(message)
  }

  /** The most that the viewer wants, 0 for no limit of its own. */
  limit(bitrateBps: number): void {
    this.#controller.setCap(bitrateBps)
    this.#adapt(this.#parts.nowUs())
  }

  /** The two ends have agreed on other streams; `isNew`: there is something to report on that there was not before. */
  agreed({ isNew }: { readonly isNew: boolean }): void {
    this.#controller.setRateKnownBy(this.wire.rateKnownBy)
    if (!videoCodecs.some((codec) => this.wire.takes(codec))) this.#sender.dropVideo()
    const nowUs = this.#parts.nowUs()
    if (isNew && this.#isOpen) {
      this.#state = { phase: 'open', startedUs: this.#startedUs, openedUs: nowUs, owedSinceUs: nowUs }
    }
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  /** Ends it for a reason that the wire does not know. */
  fail(error: Error): Promise<void> {
    return this.#ending.fail(error)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #wireEvents(): WireEvents {
    const { nowUs } = this.#parts
    const controller = () => this.#controller
    return {
      opened: () => this.#happened('opened'),
      heard: () => this.#heard(),
      arrivals: (report) => {
        controller().onArrivals(report, nowUs())
        this.#sender.onAnswer(nowUs())
      },
      losses: (share) => controller().onLosses(share, nowUs()),
      unrepaired: () => {
        if (!controller().isOverflowing) this.#parityChanged(this.#parity?.tooLittle(nowUs()))
      },
      roundTrip: (roundTripMs) => controller().onRoundTrip(roundTripMs),
      receiverLimit: (bitrateBps) => controller().onReceiverLimit(bitrateBps),
      missing: (numbers) => {
        if (this.#sender.resend(numbers, nowUs())) this.#pictureLost()
      },
      pictureLost: () => {
        this.#parts.counters.keyframeRequests++
        this.#pictureLost()
      },
      room: () => this.#sender.onAnswer(nowUs()),
      moved: () => this.#moved(),
      gone: (error) => void (error ? this.#ending.fail(error) : this.#ending.close('moved')),
    }
  }

  #heard(): void {
    this.#heardUs = this.#parts.nowUs()
    this.#isHeardSinceTold = true
    this.#happened('heard')
  }

  #happened(type: ViewerEvent['type']): void {
    const before = this.#state
    this.#state = next(before, { type, nowUs: this.#parts.nowUs() }, this.wire.silence)
    if (this.#state.phase !== before.phase) this.#enter(before, this.#state)
  }

  #enter(before: ViewerState, state: ViewerState): void {
    switch (state.phase) {
      case 'connecting':
        return
      case 'open':
        this.#nextSecondUs = state.openedUs
        this.#isOpen = true
        return this.#events.opened(this.#rate.bitrateBps)
      case 'flowing':
        if (before.phase === 'open') this.#handshakeDone(before, state.heardUs)
        if (before.phase !== 'silent') return
        this.#sender.muted = false
        this.#events.observed({ kind: 'mode', to: 'pictures', cause: 'heard' })
        return this.#resync()
      case 'silent':
        this.#gap.begin(state.heardUs)
        this.#sender.muted = true
        this.#network = new NetworkMode()
        this.#applyNetworkMode()
        return this.#events.observed({ kind: 'mode', to: 'sound-alone', cause: 'silence' })
      case 'failed':
      case 'lost':
        // The client can come back by the same conversation.
        return void this.#ending.fail(new ViewerError('peer-failed', state.reason))
    }
  }

  /** Only the next key picture helps a viewer that fell behind; nothing of what waits is of use. */
  #resync(): void {
    this.#parts.counters.resyncs++
    this.#gap.begin(this.#parts.nowUs())
    this.#sender.dropVideo()
    this.#events.resync()
  }

  #pictureLost(): void {
    if (!this.#controller.isOverflowing) this.#network.pictureLost(this.#parts.nowUs())
    this.#gap.begin(this.#parts.nowUs())
    this.#events.keyframe()
  }

  #keyPictureSent(nowUs: number): void {
    const durationMs = this.#gap.end(nowUs)
    if (durationMs !== undefined) this.#events.observed({ kind: 'freeze', durationMs })
  }

  /** What opens at once has not shaken hands before it is answered. */
  #handshakeDone({ startedUs, openedUs }: { startedUs: number; openedUs: number }, heardUs: number): void {
    const tookUs = (openedUs > startedUs ? openedUs : heardUs) - startedUs
    this.#events.observed({ kind: 'handshake', ok: true, tookMs: tookUs / 1000, reason: undefined })
    this.#lookAtPath()
  }

  /** The two ends may reach each other by another path, under a connection that stands. */
  #lookAtPath(): void {
    const path = this.wire.path()
    const before = this.#path
    if (!path || (before && isSamePath(before, path))) return
    this.#path = path
    this.#events.observed({ kind: 'path', ...path })
    if (before && !this.#isControllerShared) this.#controller.onPathChange()
  }

  /** Whoever encodes hears of it at once: pictures for the former path may be too large for this one. */
  #moved(): void {
    if (!this.#isOpen || this.#ending.begun) return
    this.#lookAtPath()
    this.#adapt(this.#parts.nowUs())
  }

  #tick(): void {
    this.#happened(this.wire.isOwed ? 'tick' : 'idle')
    if (!this.#isOpen || this.#ending.begun) return
    const nowUs = this.#parts.nowUs()
    this.#controller.poll(nowUs)
    this.#adapt(nowUs)
    this.wire.tick(nowUs)
    if (nowUs >= this.#nextSecondUs) this.#eachSecond(nowUs)
  }

  /** How much is lost has changed what counts. */
  #applyNetworkMode(): void {
    const { pictureShare, leastParityPercent, isGentle } = this.#network.rule
    this.#rate.pictureShare = pictureShare
    this.#controller.isGentle = isGentle
    if (this.#parity) this.#parity.leastPercent = leastParityPercent
  }

  #adapt(nowUs: number): void {
    const change = this.#network.update(this.#controller.pathLossRatio, nowUs)
    if (change) {
      this.#applyNetworkMode()
      this.#events.observed({ kind: 'mode', ...change })
    }
    this.#parityChanged(this.#parity?.update(this.#controller.pathLossRatio, nowUs))
    const bitrateBps = this.#rate.update(this.#sender.otherBps(nowUs), nowUs, this.#sender.payloadShare)
    if (bitrateBps === undefined) return
    if (this.#isOpen) this.#events.bitrate(bitrateBps)
    const notable = this.#rate.takeNotable(nowUs)
    if (notable) this.#events.observed({ kind: 'adaptation', ...notable })
  }

  #parityChanged(fromPercent: number | undefined): void {
    if (fromPercent === undefined || !this.#parity) return
    const { pathLossRatio: lossRatio } = this.#controller
    this.#events.observed({ kind: 'parity', fromPercent, toPercent: this.#parity.percent, lossRatio })
  }

  #eachSecond(nowUs: number): void {
    this.#nextSecondUs = nowUs + secondUs
    if (this.#path) this.#lookAtPath()
    const { targetBps, roundTripMs, lossRatio } = this.#controller
    const heard = this.#isHeardSinceTold
    this.#isHeardSinceTold = false
    const sentBps = this.#sender.sentBps(nowUs)
    this.#events.statistics({
      targetBps,
      sentBps,
      roundTripMs,
      lossRatio,
      restMs: this.#sender.restMs(nowUs),
      parityPercent: this.#parity?.percent,
      mode: this.#state.phase === 'silent' ? 'sound-alone' : this.#network.name,
      overview: this.wire.overview?.(),
      heard,
    })
  }

  async #release(end: End): Promise<void> {
    this.#stopTicking()
    this.#sender.close()
    this.#noteFailedHandshake(end)
    await this.wire.close(end)
  }

  /** One that never carried anything. Who leaves while media flows already has only been quick. */
  #noteFailedHandshake(end: End): void {
    const { phase } = this.#state
    if (phase !== 'connecting' && phase !== 'failed') return
    const reason = end.kind === 'error' ? end.error.message : end.reason
    const tookMs = (this.#parts.nowUs() - this.#startedUs) / 1000
    this.#parts.counters.failedHandshakes++
    this.#events.observed({ kind: 'handshake', ok: false, tookMs, reason })
  }
}

/** What kind of candidate an address was told as may change under a path that stays. */
function isSamePath(one: WirePath, other: WirePath): boolean {
  const ends = ({ local, remote }: WirePath) => [local, remote].map((end) => end.slice(end.lastIndexOf(' '))).join()
  return one.path === other.path && ends(one) === ends(other)
}
