import type { StreamSession } from '../../../host/stream-session.ts'
import { Ending, type Closable } from '../../../kernel/ending.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import type { Watch } from '../../../media/producer.ts'
import { BitrateController } from '../../../net/congestion/bitrate-controller.ts'
import type { ServerMessage } from '../../../wire/signal/messages.ts'
import { openRtcPeer, type RtcPeer } from '../rtc/rtc-peer.ts'
import { readBrowserOffer, type BrowserOffer } from '../sdp/browser-offer.ts'
import { readCandidate } from '../sdp/remote-candidate.ts'
import { controlReader } from './control-reader.ts'
import { InputIntake } from './input-intake.ts'
import { MediaSender } from './media-sender.ts'
import { PictureGap } from './picture-gap.ts'
import { sendSenderReports } from './sender-reports.ts'
import { VideoRate } from './video-rate.ts'
import type { ViewerContext } from './viewer-context.ts'

export interface BrowserViewerOptions {
  readonly context: ViewerContext
  readonly session: StreamSession
  /** The browser's offer. */
  readonly sdp: string
  /** The most that the viewer wants, 0 for no limit of its own. */
  readonly limitBps: number
  readonly say: (message: ServerMessage) => void
  /** The client broke the protocol. */
  readonly fault: (code: string, message: string) => void
}

/** The sending end of one peer connection. It ends by `close()`, or with an error when the other end is gone. */
export interface BrowserViewer extends Closable {
  /** Media flows. */
  readonly open: boolean
  /** For everything that is sent, in bits a second. */
  readonly targetBps: number
  /** Throws BrowserGatewayError `sdp-malformed`. */
  candidate(candidate: string, mid: string | undefined): void
  limit(bitrateBps: number): void
}

const tickMs = 100
const secondUs = 1_000_000
/** ICE and DTLS have to be through by then. */
const handshakeLimitUs = 20 * secondUs
/** A browser that gets packets reports on them within a second; one that does not gets none. */
const firstFeedbackLimitUs = 4 * secondUs
/** Browsers report about once a second, whatever happens. */
const silenceLimitUs = 3 * secondUs
/** 10 ms packets of 96 kbit/s with their headers. */
const expectedAudioBps = 110_000

/** Answers an offer. Throws BrowserGatewayError when that cannot be done. */
export function openBrowserViewer(options: BrowserViewerOptions): BrowserViewer {
  const offer = readBrowserOffer(options.sdp)
  return new Viewer(options, offer)
}

class Viewer implements BrowserViewer {
  readonly #options: BrowserViewerOptions
  readonly #offer: BrowserOffer
  readonly #peer: RtcPeer
  readonly #controller: BitrateController
  readonly #rate: VideoRate
  readonly #sender: MediaSender
  readonly #input: InputIntake
  readonly #gap = new PictureGap()
  readonly #ending: Ending
  readonly #offeredUs: number
  #watch: Watch | undefined
  #openedUs: number | undefined
  #heardUs: number | undefined
  #nextSecondUs = 0

  constructor(options: BrowserViewerOptions, offer: BrowserOffer) {
    const { context, session, say } = options
    const { counters, nowUs } = context
    this.#options = options
    this.#offer = offer
    this.#offeredUs = nowUs()
    this.#controller = new BitrateController({ transportFeedback: offer.video.transportExtensionId !== 0 })
    this.#controller.setCap(options.limitBps)
    this.#rate = new VideoRate(this.#controller, offer.audio ? expectedAudioBps : 0)
    const { pump, random32 } = context
    const refuse = (code: string, message: string) => say({ type: 'error', code, message })
    this.#input = new InputIntake({ session, pump, nowUs, counters, refuse, fault: options.fault })
    this.#peer = openRtcPeer({
      config: context.rtc,
      offer,
      ssrcs: { video: random32(), audio: random32() },
      events: {
        answer: (sdp) => say({ type: 'signal', signal: { type: 'answer', sdp } }),
        localCandidate: (candidate, sdpMid) => say({ type: 'candidate', candidate, sdpMid }),
        mediaOpen: () => this.#start(),
        control: (bytes) => readControl(bytes),
        heard: () => this.#heard(),
        input: (channel, message) => this.#input.receive(channel, message),
        failed: (error) => context.log.warn('A peer connection failed in a call', { error: messageOf(error) }),
      },
    })
    this.#sender = new MediaSender({
      ...context,
      offer,
      peer: this.#peer,
      controller: this.#controller,
      onBehind: () => this.#resync(),
      onKeyPictureSent: (now) => this.#keyPictureSent(now),
    })
    const readControl = controlReader({
      ssrcs: { video: this.#peer.videoSsrc, audio: this.#peer.audioSsrc },
      controller: this.#controller,
      sender: this.#sender,
      counters,
      epochMs: () => context.clock.epochMs(),
      nowUs,
      onPictureLost: (now) => {
        this.#gap.begin(now)
        this.#watch?.requestKeyframe()
      },
    })
    const ticks = context.clock.every(tickMs, () => this.#tick(nowUs()))
    this.#ending = new Ending(async (end) => {
      ticks.cancel()
      this.#input.close()
      this.#watch?.close()
      this.#sender.close()
      if (this.#heardUs === undefined) this.#handshakeFailed(end.kind === 'error' ? end.error.message : end.reason)
      await this.#peer.close()
    })
    void this.#peer.closed.then((end) => {
      if (end.kind === 'error') void this.#ending.fail(end.error)
    })
  }

  get open(): boolean {
    return this.#openedUs !== undefined && !this.#ending.begun
  }

  get targetBps(): number {
    return this.#controller.targetBps
  }

  candidate(candidate: string, mid: string | undefined): void {
    const read = readCandidate(candidate)
    if (read.kind === 'usable') this.#peer.addCandidate(read.line, mid ?? this.#offer.video.mid)
  }

  limit(bitrateBps: number): void {
    this.#controller.setCap(bitrateBps)
    this.#adapt(this.#options.context.nowUs())
  }

  get closed() {
    return this.#ending.closed
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The transport is there: the session's pictures begin to flow, with a key picture. */
  #start(): void {
    const { context, session } = this.#options
    this.#openedUs = context.nowUs()
    this.#nextSecondUs = this.#openedUs
    this.#watch = session.attach(
      {
        codecs: [...this.#offer.video.formats.keys()],
        bitrateBps: this.#rate.bitrateBps,
        audio: this.#offer.audio !== undefined,
      },
      this.#sender,
    )
  }

  /** The first sign of life ends the handshake; one after a silence ends that. */
  #heard(): void {
    const nowUs = this.#options.context.nowUs()
    if (this.#heardUs === undefined) this.#handshakeDone()
    this.#heardUs = nowUs
    if (!this.#sender.muted) return
    this.#sender.muted = false
    this.#resync()
  }

  #handshakeDone(): void {
    const { session } = this.#options
    const tookMs = ((this.#openedUs ?? this.#offeredUs) - this.#offeredUs) / 1000
    session.observe({ kind: 'handshake', ok: true, tookMs, reason: undefined })
    const path = this.#peer.path()
    if (path) session.observe({ kind: 'path', ...path })
  }

  #handshakeFailed(reason: string): void {
    const { context, session } = this.#options
    context.counters.failedHandshakes++
    const tookMs = (context.nowUs() - this.#offeredUs) / 1000
    session.observe({ kind: 'handshake', ok: false, tookMs, reason })
    context.log.warn('A viewer got no media', { sessionId: session.id, reason })
  }

  #tick(nowUs: number): void {
    const openedUs = this.#openedUs
    if (openedUs === undefined) {
      if (nowUs - this.#offeredUs > handshakeLimitUs) this.#giveUp('No connection came about')
      return
    }
    if (this.#heardUs === undefined && nowUs - openedUs > firstFeedbackLimitUs) {
      return this.#giveUp('The connection carried nothing back')
    }
    if (nowUs - (this.#heardUs ?? openedUs) > silenceLimitUs && !this.#sender.muted) {
      this.#gap.begin(nowUs)
      this.#sender.muted = true
    }
    this.#controller.poll(nowUs)
    this.#adapt(nowUs)
    if (nowUs >= this.#nextSecondUs) this.#eachSecond(nowUs)
  }

  /** The client can offer again on the same socket. */
  #giveUp(reason: string): void {
    this.#options.say({ type: 'error', code: 'no-media', message: `${reason}: offer again` })
    void this.#ending.fail(new Error(reason))
  }

  #adapt(nowUs: number): void {
    const bitrateBps = this.#rate.update(this.#sender.otherBps(nowUs), nowUs)
    if (bitrateBps === undefined) return
    this.#watch?.setBitrate(bitrateBps)
    const change = this.#rate.takeNotable(nowUs)
    if (change) this.#options.session.observe({ kind: 'adaptation', ...change })
  }

  /** Only the next key picture helps a viewer that fell behind; nothing of what waits is of use. */
  #resync(): void {
    const { context } = this.#options
    context.counters.resyncs++
    this.#gap.begin(context.nowUs())
    this.#sender.dropVideo()
    this.#watch?.resync()
  }

  #keyPictureSent(nowUs: number): void {
    const durationMs = this.#gap.end(nowUs)
    if (durationMs !== undefined) this.#options.session.observe({ kind: 'freeze', durationMs })
  }

  #eachSecond(nowUs: number): void {
    const { context, say } = this.#options
    this.#nextSecondUs = nowUs + secondUs
    sendSenderReports({ peer: this.#peer, sender: this.#sender, clock: context.clock, nowUs })
    const { targetBps, roundTripMs, lossRatio } = this.#controller
    const rendition = this.#watch?.rendition.value
    say({
      type: 'stats',
      targetBps: Math.round(targetBps),
      sentBps: Math.round(this.#sender.sentBps(nowUs)),
      roundTripMs,
      lossRatio,
      ...(rendition ? { rendition } : {}),
    })
  }
}
