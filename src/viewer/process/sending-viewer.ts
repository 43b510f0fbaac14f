import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable, type End } from '../../kernel/ending.ts'
import type { AccessUnit, AudioUnit } from '../../media/access-unit.ts'
import { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import { shortened, type Order, type Report, type ViewerObservation } from '../link/messages.ts'
import { rateKnownBy, type ViewerStreams } from '../link/viewer-streams.ts'
import { openRtcPeer, type RtcPeer, type RtcPeerConfig } from '../rtc/rtc-peer.ts'
import { controlReader } from '../sending/control-reader.ts'
import { MediaSender } from '../sending/media-sender.ts'
import type { PacketCache } from '../sending/packet-cache.ts'
import { PictureGap } from '../sending/picture-gap.ts'
import type { Pump } from '../sending/pump.ts'
import { readVoice } from '../sending/rtp-voice.ts'
import { sendSenderReports } from '../sending/sender-reports.ts'
import { VideoRate } from '../sending/video-rate.ts'
import { next, type ViewerEvent, type ViewerState } from '../sending/viewer-state.ts'
import { ViewerError } from '../viewer-error.ts'
import type { Tally } from './tally.ts'
import { Upstream, type UpstreamOptions } from './upstream.ts'

/** What all viewers of a process share. */
export interface ProcessContext {
  readonly rtc: RtcPeerConfig
  readonly cache: PacketCache
  readonly pump: Pump
  readonly tally: Tally
  /** The clock of `AccessUnit.captureUs`. */
  readonly nowUs: () => number
  /** A random number of 32 bits. */
  readonly random32: () => number
  readonly report: (report: Report) => void
  /** Hands a frame to the server. */
  readonly write: UpstreamOptions['write']
}

const tickMs = 100
const secondUs = 1_000_000
/** Often enough for a client to know within a second that nothing comes any more, though nothing moves on the screen. */
const reportPeriodUs = 400_000
/** 10 ms packets of 128 kbit/s with their headers. */
const expectedAudioBps = 145_000

/** The sending end of one peer connection. It ends by `close()`, or with an error when the other end is gone. */
export class SendingViewer implements Closable {
  readonly id: number
  readonly closed: Promise<End>
  readonly #context: ProcessContext
  readonly #controller: BitrateController
  readonly #peer: RtcPeer
  readonly #sender: MediaSender
  readonly #rate: VideoRate
  readonly #upstream: Upstream
  readonly #gap = new PictureGap()
  readonly #ending: Ending
  readonly #offeredUs: number
  #streams: ViewerStreams
  #state: ViewerState
  /** The server has been asked for pictures. */
  #isOpen = false
  #heardUs: number | undefined
  #isHeardSinceTold = false
  #nextSecondUs = 0
  #nextReportUs = 0
  #stopTicking = () => {}

  /** Answers an offer. Throws ViewerError `peer-failed` when that cannot be done. */
  constructor(context: ProcessContext, order: Extract<Order, { type: 'open' }>) {
    const { viewer, offer, streams, limitBps } = order
    const { tally, nowUs, rtc } = context
    const { counters } = tally
    this.id = viewer
    this.#context = context
    this.#offeredUs = nowUs()
    this.#state = { phase: 'connecting', offeredUs: this.#offeredUs }
    this.#streams = streams
    this.#controller = new BitrateController({ rateKnownBy: rateKnownBy(streams) })
    this.#controller.setCap(limitBps)
    this.#rate = new VideoRate(this.#controller, streams.audio ? expectedAudioBps : 0)
    const fault = (code: string, message: string) => context.report({ type: 'fault', viewer, code, message })
    this.#upstream = new Upstream({ viewer, nowMs: () => nowUs() / 1000, write: context.write, fault })
    this.#peer = openRtcPeer({
      config: rtc,
      offer,
      events: {
        described: (transport) => context.report({ type: 'described', viewer, transport }),
        localCandidate: (candidate) => context.report({ type: 'local-candidate', viewer, candidate }),
        gathered: () => context.report({ type: 'gathered', viewer }),
        mediaOpen: () => this.#happened('opened'),
        control: (bytes) => {
          this.#heard()
          if (!this.#upstream.control()) return
          readControl(bytes)
          this.#sender.probe(nowUs())
        },
        media: (bytes) => {
          this.#heard()
          const { audio } = this.#streams
          const unit = audio && readVoice(bytes, audio)
          if (unit) this.#upstream.voice(unit)
          else counters.voicePacketsDropped++
        },
        input: (channel, message) => {
          this.#heard()
          this.#upstream.input(channel, message)
        },
        text: (text) => {
          this.#heard()
          this.#upstream.text(text)
        },
        failed: (error) => {
          const message = shortened(`A peer connection failed in a call: ${messageOf(error)}`)
          context.report({ type: 'log', level: 'warn', message })
        },
      },
    })
    this.#sender = new MediaSender({
      ...context,
      streams,
      counters,
      captureToPacketMs: tally,
      peer: this.#peer,
      controller: this.#controller,
      onBehind: () => this.#resync(),
      onKeyPictureSent: (atUs) => this.#keyPictureSent(atUs),
    })
    const readControl = controlReader({
      ssrcs: streams.ssrcs,
      controller: this.#controller,
      sender: this.#sender,
      counters,
      epochMs: () => rtc.clock.epochMs(),
      nowUs,
      onPictureLost: (atUs) => this.#pictureLost(atUs),
      onMalformed: () => fault('malformed-control', 'RTCP came that is none'),
    })
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
    const ticks = rtc.clock.every(tickMs, () => this.#tick())
    this.#stopTicking = () => ticks.cancel()
    void this.#peer.closed.then((end) => {
      if (end.kind === 'error') void this.#ending.fail(end.error)
    })
  }

  /** The two ends have agreed on other streams, on the connection that stands. */
  configure(streams: ViewerStreams): void {
    const hadVideo = this.#streams.video !== undefined
    this.#streams = streams
    this.#controller.setRateKnownBy(rateKnownBy(streams))
    this.#sender.configure(streams)
    // From now on the other end has something to report on.
    if (!hadVideo && this.#isOpen)
      this.#state = { phase: 'open', offeredUs: this.#offeredUs, openedUs: this.#context.nowUs() }
  }

  /** When the other end was heard last; undefined before the first time. */
  get heardUs(): number | undefined {
    return this.#heardUs
  }

  video(unit: AccessUnit): void {
    if (!this.#ending.begun) this.#sender.video(unit)
  }

  audio(unit: AudioUnit): void {
    if (!this.#ending.begun) this.#sender.audio(unit)
  }

  pointers(message: Uint8Array): void {
    this.#peer.sendPointers(message)
  }

  candidate(line: string): void {
    this.#peer.addCandidate(line)
  }

  limit(bitrateBps: number): void {
    this.#controller.setCap(bitrateBps)
    this.#adapt(this.#context.nowUs())
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #heard(): void {
    this.#heardUs = this.#context.nowUs()
    this.#isHeardSinceTold = true
    this.#happened('heard')
  }

  #happened(type: ViewerEvent['type']): void {
    const before = this.#state
    this.#state = next(before, { type, nowUs: this.#context.nowUs() })
    if (this.#state.phase !== before.phase) this.#enter(before, this.#state)
  }

  #enter(before: ViewerState, state: ViewerState): void {
    switch (state.phase) {
      case 'connecting':
        return
      case 'open':
        this.#nextSecondUs = state.openedUs
        this.#nextReportUs = state.openedUs
        this.#isOpen = true
        this.#context.report({ type: 'opened', viewer: this.id, bitrateBps: this.#rate.bitrateBps })
        // Nothing is to be reported on, but the handshake has gone both ways.
        if (!this.#streams.video) this.#happened('heard')
        return
      case 'flowing':
        if (before.phase === 'open') this.#handshakeDone(before.openedUs - before.offeredUs)
        if (before.phase !== 'silent') return
        this.#sender.muted = false
        return this.#resync()
      case 'silent':
        this.#gap.begin(state.heardUs)
        this.#sender.muted = true
        return
      case 'failed':
        // The client can offer again on the same socket.
        return void this.#ending.fail(new ViewerError('peer-failed', state.reason))
    }
  }

  /** Only the next key picture helps a viewer that fell behind; nothing of what waits is of use. */
  #resync(): void {
    this.#context.tally.counters.resyncs++
    this.#gap.begin(this.#context.nowUs())
    this.#sender.dropVideo()
    this.#context.report({ type: 'resync', viewer: this.id })
  }

  #pictureLost(nowUs: number): void {
    this.#gap.begin(nowUs)
    this.#context.report({ type: 'keyframe', viewer: this.id })
  }

  #keyPictureSent(nowUs: number): void {
    const durationMs = this.#gap.end(nowUs)
    if (durationMs !== undefined) this.#observe({ kind: 'freeze', durationMs })
  }

  #handshakeDone(tookUs: number): void {
    this.#observe({ kind: 'handshake', ok: true, tookMs: tookUs / 1000, reason: undefined })
    const path = this.#peer.path()
    if (path) this.#observe({ kind: 'path', ...path })
  }

  #tick(): void {
    // Reports on sound alone are rare, and who is sent nothing has none: the library sees to it that the other end is there.
    if (!this.#isOpen || this.#streams.video) this.#happened('tick')
    if (!this.#isOpen || this.#ending.begun) return
    const nowUs = this.#context.nowUs()
    this.#controller.poll(nowUs)
    this.#adapt(nowUs)
    if (nowUs >= this.#nextReportUs) this.#sendReports(nowUs)
    if (nowUs >= this.#nextSecondUs) this.#eachSecond(nowUs)
  }

  #adapt(nowUs: number): void {
    const bitrateBps = this.#rate.update(this.#sender.otherBps(nowUs), nowUs)
    if (bitrateBps === undefined) return
    if (this.#isOpen) this.#context.report({ type: 'bitrate', viewer: this.id, bitrateBps })
    const change = this.#rate.takeNotable(nowUs)
    if (change) this.#observe({ kind: 'adaptation', ...change })
  }

  #sendReports(nowUs: number): void {
    this.#nextReportUs = nowUs + reportPeriodUs
    const { ssrcs } = this.#streams
    sendSenderReports({ peer: this.#peer, ssrcs, sender: this.#sender, clock: this.#context.rtc.clock, nowUs })
  }

  #eachSecond(nowUs: number): void {
    this.#nextSecondUs = nowUs + secondUs
    const { targetBps, roundTripMs, lossRatio } = this.#controller
    const heard = this.#isHeardSinceTold
    this.#isHeardSinceTold = false
    this.#context.report({
      type: 'statistics',
      viewer: this.id,
      targetBps,
      sentBps: this.#sender.sentBps(nowUs),
      roundTripMs,
      lossRatio,
      restMs: this.#sender.restMs(nowUs),
      heard,
    })
  }

  #observe(observation: ViewerObservation): void {
    this.#context.report({ type: 'observed', viewer: this.id, observation })
  }

  async #release(end: End): Promise<void> {
    this.#stopTicking()
    this.#sender.close()
    this.#noteFailedHandshake(end)
    await this.#peer.close()
  }

  /** One that never carried anything. Who leaves while media flows already has only been quick. */
  #noteFailedHandshake(end: End): void {
    const { phase } = this.#state
    if (phase !== 'connecting' && phase !== 'failed') return
    const reason = shortened(end.kind === 'error' ? end.error.message : end.reason)
    const tookMs = (this.#context.nowUs() - this.#offeredUs) / 1000
    this.#context.tally.counters.failedHandshakes++
    this.#observe({ kind: 'handshake', ok: false, tookMs, reason })
  }
}
