import type { StreamSession } from '../../../host/stream-session.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { Ending, type Closable, type End } from '../../../kernel/ending.ts'
import type { Watch } from '../../../media/producer.ts'
import { BitrateController } from '../../../net/congestion/bitrate-controller.ts'
import type { ServerMessage } from '../../../wire/signal/messages.ts'
import { BrowserGatewayError } from '../gateway-error.ts'
import { Answering } from '../sdp/answering.ts'
import { openRtcPeer, type RtcPeer } from '../rtc/rtc-peer.ts'
import { answerForBrowser } from '../sdp/answer-for-browser.ts'
import { readBrowserOffer, type BrowserOffer } from '../sdp/browser-offer.ts'
import { readCandidate } from '../sdp/remote-candidate.ts'
import { controlReader } from './control-reader.ts'
import { InputIntake } from './input-intake.ts'
import { MediaSender, type Ssrcs } from './media-sender.ts'
import { PictureGap } from './picture-gap.ts'
import { sendSenderReports } from './sender-reports.ts'
import { readVoice } from './rtp-voice.ts'
import { VideoRate } from './video-rate.ts'
import type { ViewerContext } from './viewer-context.ts'
import { VoiceIntake } from './voice-intake.ts'
import { next, type ViewerEvent, type ViewerState } from './viewer-state.ts'

export interface BrowserViewerOptions {
  readonly context: ViewerContext
  readonly session: StreamSession
  /** The browser's offer. */
  readonly sdp: string
  /** The most that the viewer wants, 0 for no limit of its own. */
  readonly limitBps: number
  /** The client takes candidates in the answer and nowhere else. */
  readonly candidatesInAnswer: boolean
  readonly say: (message: ServerMessage) => void
  /** The client broke the protocol. */
  readonly fault: (code: string, message: string) => void
  /** Input goes on over another path when this one ends. */
  readonly isPassedOn: () => boolean
}

/** The sending end of one peer connection. It ends by `close()`, or with an error when the other end is gone. */
export interface BrowserViewer extends Closable {
  /** Media is being sent. */
  readonly open: boolean
  /** What the path is believed to carry, in bits a second. */
  readonly targetBps: number
  /** Throws BrowserGatewayError `sdp-malformed`. */
  candidate(candidate: string): void
  /** The most that the viewer wants, 0 for no limit of its own. */
  limit(bitrateBps: number): void
}

const tickMs = 100
const secondUs = 1_000_000
/** Often enough for a client to know within a second that nothing comes any more, though nothing moves on the screen. */
const reportPeriodUs = 400_000
/** 10 ms packets of 96 kbit/s with their headers. */
const expectedAudioBps = 110_000

/** Answers an offer. Throws BrowserGatewayError when that cannot be done. */
export function openBrowserViewer(options: BrowserViewerOptions): BrowserViewer {
  const { context, session, say, fault } = options
  const { clock, counters, nowUs, pump, random32 } = context
  const offer = readBrowserOffer(options.sdp)
  const controller = new BitrateController({ transportFeedback: offer.video.transportExtensionId !== 0 })
  controller.setCap(options.limitBps)
  const refuse = (code: string, message: string) => say({ type: 'error', code, message })
  const input = new InputIntake({ session, pump, nowUs, counters, refuse, fault, isPassedOn: options.isPassedOn })
  const voice = new VoiceIntake({ session, nowUs, counters, refuse, fault })
  const ssrcs = { video: random32(), audio: random32() }
  const { mid } = offer.sections.find(({ use }) => use !== 'none') ?? offer.video
  const answering = new Answering({
    clock,
    withCandidates: options.candidatesInAnswer,
    answer: (sdp) => say({ type: 'signal', signal: { type: 'answer', sdp } }),
    candidate: (candidate) => say({ type: 'candidate', candidate, sdpMid: mid }),
  })
  const heard = () => {
    // Whoever watches is there, though they say nothing.
    session.touch()
    viewer.happened('heard')
  }
  const peer = openRtcPeer({
    config: context.rtc,
    offer: { ...offer, sctpPort: offer.data?.sctpPort },
    events: {
      described: (transport) => answering.answer(answerForBrowser(offer, transport, ssrcs)),
      localCandidate: (candidate) => answering.candidate(candidate),
      gathered: () => answering.gathered(),
      mediaOpen: () => viewer.happened('opened'),
      control: (bytes) => {
        heard()
        readControl(bytes)
      },
      media: (bytes) => {
        heard()
        const unit = offer.audio && readVoice(bytes, offer.audio)
        if (unit) voice.receive(unit)
        else counters.voicePacketsDropped++
      },
      input: (channel, message) => input.receive(channel, message),
      failed: (error) => context.log.warn('A peer connection failed in a call', { error: messageOf(error) }),
    },
  })
  const sender = new MediaSender({
    ...context,
    offer,
    peer,
    ssrcs,
    controller,
    onBehind: () => viewer.resync(),
    onKeyPictureSent: (atUs) => viewer.keyPictureSent(atUs),
  })
  const readControl = controlReader({
    ssrcs,
    controller,
    sender,
    counters,
    epochMs: () => clock.epochMs(),
    nowUs,
    onPictureLost: (atUs) => viewer.pictureLost(atUs),
  })
  const viewer = new Viewer(options, { answering, offer, controller, input, peer, sender, ssrcs })
  viewer.begin()
  return viewer
}

interface ViewerParts {
  readonly answering: Answering
  readonly offer: BrowserOffer
  readonly controller: BitrateController
  readonly input: InputIntake
  readonly peer: RtcPeer
  readonly sender: MediaSender
  readonly ssrcs: Ssrcs
}

class Viewer implements BrowserViewer {
  readonly closed: Promise<End>
  readonly #options: BrowserViewerOptions
  readonly #parts: ViewerParts
  readonly #rate: VideoRate
  readonly #gap = new PictureGap()
  readonly #ending: Ending
  readonly #offeredUs: number
  #state: ViewerState
  #watch: Watch | undefined
  #nextSecondUs = 0
  #nextReportUs = 0
  #stopTicking = () => {}
  #stopPointers = () => {}

  constructor(options: BrowserViewerOptions, parts: ViewerParts) {
    this.#options = options
    this.#parts = parts
    this.#rate = new VideoRate(parts.controller, parts.offer.audio ? expectedAudioBps : 0)
    this.#offeredUs = options.context.nowUs()
    this.#state = { phase: 'connecting', offeredUs: this.#offeredUs }
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
  }

  get open(): boolean {
    return this.#watch !== undefined && !this.#ending.begun
  }

  get targetBps(): number {
    return this.#parts.controller.targetBps
  }

  begin(): void {
    const { clock } = this.#options.context
    const ticks = clock.every(tickMs, () => this.#tick())
    this.#stopTicking = () => ticks.cancel()
    void this.#parts.peer.closed.then((end) => {
      if (end.kind === 'error') void this.#ending.fail(end.error)
    })
  }

  candidate(candidate: string): void {
    const read = readCandidate(candidate)
    if (read.kind === 'usable') this.#parts.peer.addCandidate(read.line)
  }

  limit(bitrateBps: number): void {
    this.#parts.controller.setCap(bitrateBps)
    this.#adapt(this.#options.context.nowUs())
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  happened(type: ViewerEvent['type']): void {
    const before = this.#state
    this.#state = next(before, { type, nowUs: this.#options.context.nowUs() })
    if (this.#state.phase !== before.phase) this.#enter(before, this.#state)
  }

  /** Only the next key picture helps a viewer that fell behind; nothing of what waits is of use. */
  resync(): void {
    const { counters, nowUs } = this.#options.context
    counters.resyncs++
    this.#gap.begin(nowUs())
    this.#parts.sender.dropVideo()
    this.#watch?.resync()
  }

  pictureLost(nowUs: number): void {
    this.#gap.begin(nowUs)
    this.#watch?.requestKeyframe()
  }

  keyPictureSent(nowUs: number): void {
    const durationMs = this.#gap.end(nowUs)
    if (durationMs !== undefined) this.#options.session.observe({ kind: 'freeze', durationMs })
  }

  #enter(before: ViewerState, state: ViewerState): void {
    const { sender } = this.#parts
    switch (state.phase) {
      case 'connecting':
        return
      case 'open':
        this.#nextSecondUs = state.openedUs
        this.#nextReportUs = state.openedUs
        return this.#attach()
      case 'flowing':
        if (before.phase === 'open') this.#handshakeDone(before.openedUs - before.offeredUs)
        if (before.phase !== 'silent') return
        sender.muted = false
        return this.resync()
      case 'silent':
        this.#gap.begin(state.heardUs)
        sender.muted = true
        return
      case 'failed':
        // The client can offer again on the same socket.
        return void this.#ending.fail(new BrowserGatewayError('peer-failed', state.reason))
    }
  }

  /** The session's pictures begin to flow, with a key picture. */
  #attach(): void {
    const { offer, peer, sender } = this.#parts
    const codecs = [...offer.video.formats.keys()]
    const request = { codecs, bitrateBps: this.#rate.bitrateBps, audio: offer.audio !== undefined }
    const { session, context } = this.#options
    this.#watch = session.attach(request, sender)
    this.#stopPointers = session.followPointers((batch) => peer.sendPointers(context.cache.pointers(batch)))
  }

  #handshakeDone(tookUs: number): void {
    const { session } = this.#options
    session.observe({ kind: 'handshake', ok: true, tookMs: tookUs / 1000, reason: undefined })
    const path = this.#parts.peer.path()
    if (path) session.observe({ kind: 'path', ...path })
  }

  #tick(): void {
    this.happened('tick')
    if (!this.open) return
    const nowUs = this.#options.context.nowUs()
    this.#parts.controller.poll(nowUs)
    this.#adapt(nowUs)
    if (nowUs >= this.#nextReportUs) this.#report(nowUs)
    if (nowUs >= this.#nextSecondUs) this.#eachSecond(nowUs)
  }

  #adapt(nowUs: number): void {
    const bitrateBps = this.#rate.update(this.#parts.sender.otherBps(nowUs), nowUs)
    if (bitrateBps === undefined) return
    this.#watch?.setBitrate(bitrateBps)
    const change = this.#rate.takeNotable(nowUs)
    if (change) this.#options.session.observe({ kind: 'adaptation', ...change })
  }

  #report(nowUs: number): void {
    this.#nextReportUs = nowUs + reportPeriodUs
    sendSenderReports({ ...this.#parts, clock: this.#options.context.clock, nowUs })
  }

  #eachSecond(nowUs: number): void {
    const { say } = this.#options
    const { controller, sender } = this.#parts
    this.#nextSecondUs = nowUs + secondUs
    const rendition = this.#watch?.rendition.value
    say({
      type: 'stats',
      targetBps: Math.round(controller.targetBps),
      sentBps: Math.round(sender.sentBps(nowUs)),
      roundTripMs: controller.roundTripMs,
      lossRatio: controller.lossRatio,
      ...(rendition ? { rendition } : {}),
    })
  }

  async #release(end: End): Promise<void> {
    const { answering, input, peer, sender } = this.#parts
    this.#stopTicking()
    answering.close()
    this.#stopPointers()
    input.close()
    this.#watch?.close()
    sender.close()
    this.#noteFailedHandshake(end)
    await peer.close()
  }

  /** One that never carried anything. Who leaves while media flows already has only been quick. */
  #noteFailedHandshake(end: End): void {
    const { context, session } = this.#options
    const { phase } = this.#state
    if (phase !== 'connecting' && phase !== 'failed') return
    const reason = end.kind === 'error' ? end.error.message : end.reason
    const tookMs = (context.nowUs() - this.#offeredUs) / 1000
    session.observe({ kind: 'handshake', ok: false, tookMs, reason })
    context.counters.failedHandshakes++
    context.log.warn('A viewer got no media', { sessionId: session.id, reason })
  }
}
