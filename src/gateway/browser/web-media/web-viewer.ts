import type { WebSocket } from 'ws'
import type { StreamSession } from '../../../host/stream-session.ts'
import { Ending, type Closable, type End } from '../../../kernel/ending.ts'
import { planConversation } from '../../../kernel/monitor/conversation.ts'
import type { Handlers } from '../../../kernel/monitor/typed-conversation.ts'
import type { VideoCodec } from '../../../domain/video-codec.ts'
import type { Watch } from '../../../media/producer.ts'
import { BitrateController } from '../../../net/congestion/bitrate-controller.ts'
import { keysChannel, pointerChannel } from '../../../wire/input/channels.ts'
import type { ServerMessage } from '../../../wire/signal/messages.ts'
import { webMedia } from '../../../wire/web-media/protocol.ts'
import { webMediaCloseCode } from '../../../wire/web-media/subprotocol.ts'
import { BrowserGatewayError } from '../gateway-error.ts'
import { TokenBucket } from '../../../kernel/token-bucket.ts'
import { InputIntake } from '../viewer/input-intake.ts'
import { PictureGap } from '../../../viewer/sending/picture-gap.ts'
import { VideoRate } from '../../../viewer/sending/video-rate.ts'
import type { SessionPath } from '../viewer/session-path.ts'
import type { ViewerContext } from '../viewer/viewer-context.ts'
import { VoiceIntake } from '../viewer/voice-intake.ts'
import { WebMediaSender } from './web-media-sender.ts'
import { WebMediaSocket } from './web-media-socket.ts'

/** The two ends of a media socket, for operators. */
export interface WebMediaEnds {
  readonly local: string
  readonly remote: string
}

export interface WebViewerOptions {
  readonly context: ViewerContext
  readonly session: StreamSession
  readonly socket: WebSocket
  readonly ends: WebMediaEnds
  /** What the client can decode, best first. */
  readonly codecs: readonly VideoCodec[]
  readonly audio: boolean
  /** The most that the viewer wants, 0 for no limit of its own. */
  readonly limitBps: number
  readonly say: (message: ServerMessage) => void
  readonly path: SessionPath
  /** The client broke the protocol. */
  readonly fault: (code: string, message: string) => void
}

const plan = planConversation(webMedia, 'host')
const tickMs = 100
const secondUs = 1_000_000
const expectedAudioBps = 145_000
/** A client acknowledges many times a second what it gets; one that does not is gone. */
const silenceLimitUs = 8_000_000
/** A decoder that cannot go on asks again and again, and is answered by the producer's own limits. */
const keyRequestsPerSecond = 20
const receiptsPerSecond = 200

/** The sending end of one media socket. It ends by `close()`, or when the client is gone. */
export class WebViewer implements Closable {
  readonly closed: Promise<End>
  readonly #options: WebViewerOptions
  readonly #controller = new BitrateController()
  readonly #socket: WebMediaSocket
  readonly #sender: WebMediaSender
  readonly #input: InputIntake
  readonly #voice: VoiceIntake
  readonly #rate: VideoRate
  readonly #gap = new PictureGap()
  readonly #ending: Ending
  readonly #openedUs: number
  readonly #receiptLimit: TokenBucket
  readonly #keyLimit: TokenBucket
  #watch: Watch | undefined
  #heardUs: number
  #isHeard = false
  #hasMoved = false
  #nextSecondUs: number
  #stopTicking = () => {}
  #stopPointers = () => {}

  constructor(options: WebViewerOptions) {
    const { context, session, say, fault } = options
    const { clock, counters, nowUs, pump } = context
    this.#options = options
    this.#openedUs = nowUs()
    this.#heardUs = this.#openedUs
    this.#nextSecondUs = this.#openedUs
    const bucket = (perSecond: number) => new TokenBucket({ perSecond, burst: perSecond, nowMs: this.#openedUs / 1000 })
    this.#receiptLimit = bucket(receiptsPerSecond)
    this.#keyLimit = bucket(keyRequestsPerSecond)
    this.#controller.setCap(options.limitBps)
    this.#rate = new VideoRate(this.#controller, options.audio ? expectedAudioBps : 0)
    const refuse = (code: string, message: string) => say({ type: 'error', code, message })
    this.#voice = new VoiceIntake({ session, nowUs, counters, refuse, fault })
    this.#input = new InputIntake({
      session,
      pump,
      nowUs,
      counters,
      refuse,
      fault,
      isPassedOn: () => this.#hasMoved,
    })
    this.#sender = new WebMediaSender({
      ...context,
      codecs: new Set(options.codecs),
      controller: this.#controller,
      cache: context.messages,
      write: (message) => this.#socket.send(message),
      onBehind: () => this.#resync(),
      onKeyPictureSent: (atUs) => this.#keyPictureSent(atUs),
    })
    this.#socket = new WebMediaSocket(options.socket, {
      clock,
      plan,
      events: { handlers: this.#handlers(), fault, gone: (code) => this.#gone(code) },
    })
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
  }

  /** The session's pictures begin to flow, with a key picture. */
  begin(): void {
    const { context, codecs, audio, session } = this.#options
    const ticks = context.clock.every(tickMs, () => this.#tick())
    this.#stopTicking = () => ticks.cancel()
    this.#watch = session.attach({ codecs, bitrateBps: this.#rate.bitrateBps, audio }, this.#sender)
    this.#stopPointers = session.followPointers((batch) => this.#sender.pointers(batch))
  }

  get open(): boolean {
    return this.#watch !== undefined && !this.#ending.begun
  }

  /** What the path is believed to carry, in bits a second. */
  get targetBps(): number {
    return this.#controller.targetBps
  }

  /** The most that the viewer wants, 0 for no limit of its own. */
  limit(bitrateBps: number): void {
    this.#controller.setCap(bitrateBps)
    this.#adapt(this.#options.context.nowUs())
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #handlers(): Handlers<typeof webMedia, 'host'> {
    const { context, fault } = this.#options
    const { nowUs } = context
    return {
      receipt: ({ arrivalsUs }) => {
        const now = nowUs()
        if (!this.#receiptLimit.take(now / 1000)) return fault('flood', 'Receipts came too fast')
        if (!this.#sender.receipt(arrivalsUs, now)) return fault('malformed', 'A receipt of what was not sent')
        this.#heard(now)
      },
      'want-key': () => {
        const now = nowUs()
        if (!this.#keyLimit.take(now / 1000)) return fault('flood', 'Key pictures were asked for too often')
        context.counters.keyframeRequests++
        this.#gap.begin(now)
        this.#watch?.requestKeyframe()
      },
      keys: ({ data }) => this.#input.receive(keysChannel, data),
      pointer: ({ data }) => this.#input.receive(pointerChannel, data),
      voice: (packet) => this.#voice.receive(packet),
    }
  }

  #heard(nowUs: number): void {
    this.#heardUs = nowUs
    if (this.#isHeard) return
    this.#isHeard = true
    const { session, ends, path } = this.#options
    session.observe({ kind: 'handshake', ok: true, tookMs: (nowUs - this.#openedUs) / 1000, reason: undefined })
    path.carries(this, { path: 'web-port', ...ends })
  }

  #gone(code: number): void {
    this.#hasMoved = code === webMediaCloseCode.moved
    if (this.#hasMoved) void this.#ending.close('moved')
    else void this.#ending.fail(new BrowserGatewayError('media-socket-lost', 'The media socket was closed'))
  }

  /** Only the next key picture helps a viewer that fell behind; nothing of what waits is of use. */
  #resync(): void {
    const { counters, nowUs } = this.#options.context
    counters.resyncs++
    this.#gap.begin(nowUs())
    this.#sender.dropVideo()
    this.#watch?.resync()
  }

  #keyPictureSent(nowUs: number): void {
    const durationMs = this.#gap.end(nowUs)
    if (durationMs !== undefined) this.#options.session.observe({ kind: 'freeze', durationMs })
  }

  #tick(): void {
    const nowUs = this.#options.context.nowUs()
    if (this.#sender.unacknowledged === 0) this.#heardUs = nowUs
    else if (nowUs - this.#heardUs > silenceLimitUs) {
      void this.#ending.fail(new BrowserGatewayError('media-socket-lost', 'The client does not take what is sent'))
      return
    }
    this.#controller.poll(nowUs)
    this.#adapt(nowUs)
    if (nowUs >= this.#nextSecondUs) this.#eachSecond(nowUs)
  }

  #adapt(nowUs: number): void {
    const bitrateBps = this.#rate.update(this.#sender.otherBps(nowUs), nowUs)
    if (bitrateBps === undefined) return
    this.#watch?.setBitrate(bitrateBps)
    const change = this.#rate.takeNotable(nowUs)
    if (change) this.#options.session.observe({ kind: 'adaptation', ...change })
  }

  #eachSecond(nowUs: number): void {
    this.#nextSecondUs = nowUs + secondUs
    const rendition = this.#watch?.rendition.value
    const { targetBps, roundTripMs, lossRatio } = this.#controller
    this.#options.say({
      type: 'stats',
      targetBps: Math.round(targetBps),
      sentBps: Math.round(this.#sender.sentBps(nowUs)),
      roundTripMs,
      lossRatio,
      ...(rendition ? { rendition } : {}),
    })
  }

  async #release(end: End): Promise<void> {
    this.#options.path.ended(this)
    this.#stopTicking()
    this.#stopPointers()
    this.#input.close()
    this.#watch?.close()
    this.#sender.close()
    if (end.kind === 'error') this.#socket.close(undefined, '')
    else if (end.reason === 'fault') this.#socket.close(webMediaCloseCode.protocolViolation, 'See the signalling')
    else this.#socket.close(webMediaCloseCode.ended, end.reason)
    await this.#socket.closed
  }
}
