import type { Clock, Timer } from '../../../kernel/clock.ts'
import { ProtocolViolation } from '../../../kernel/monitor/protocol-violation.ts'
import { RecordingMonitor } from '../../../kernel/monitor/recording-monitor.ts'
import type { RecordedMessage } from '../../../kernel/monitor/recording.ts'
import { recordedMessages, streamPlan } from '../../../viewer/moonlight/answers.ts'
import {
  decodeRtspRequest,
  decodeSealedRtsp,
  encodeRtspAnswer,
  encodeSealedRtsp,
  type RtspAnswer,
  type RtspRequest,
} from '../../../wire/moonlight/rtsp.ts'
import { describeStream, type StreamOffer } from '../../../wire/moonlight/stream-offer.ts'
import { readStreamWish, type StreamWish } from '../../../wire/moonlight/stream-wish.ts'
import { WireError } from '../../../wire/wire-error.ts'
import type { Launch } from '../launch/launch.ts'
import type { Launches } from '../launch/launches.ts'
import { MessageSeal, openSealed } from '../../../viewer/moonlight/message-seal.ts'

/** What a client and this host have agreed on; it begins when the control stream connects. */
export interface AgreedStream {
  readonly launch: Launch
  readonly wish: StreamWish
  /** What the client gives when it connects the control stream. */
  readonly connectData: number
  /** What the client sends to be sent pictures and sound: 16 characters. */
  readonly pingPayloads: Readonly<Record<'audio' | 'video', string>>
  /** What was said so far. */
  readonly said: readonly RecordedMessage[]
}

export interface RtspDeskOptions {
  readonly launches: Launches
  readonly offer: StreamOffer
  /** Of pictures, sound and control together. */
  readonly udpPort: number
  readonly clock: Clock
  readonly randomBytes: (count: number) => Uint8Array
  /** Why a client cannot have what it wants, for people; undefined when it can. */
  readonly refuses: (wish: StreamWish, launch: Launch) => string | undefined
  /** A client waits to be streamed to. False when there is no room. */
  readonly onAgreed: (stream: AgreedStream) => boolean
  /** A client broke the protocol. */
  readonly onViolation: (violation: Error, launch: Launch) => void
  /** A negotiation is over, and nothing was agreed on: what was said. */
  readonly onUnfinished: (recording: string, launch: Launch) => void
}

interface Negotiation {
  readonly id: string
  readonly launch: Launch
  readonly monitor: RecordingMonitor
  readonly connectData: number
  readonly pingPayloads: AgreedStream['pingPayloads']
  readonly timer: Timer
  wish: StreamWish | undefined
  isAgreed: boolean
}

const patienceMs = 20_000
const mostNegotiations = 64

/** What a request is called in the conversation; undefined for one that it has not. */
function stepOf({ method, target }: RtspRequest): string | undefined {
  if (method !== 'SETUP') return methods.get(method)
  const stream = /^streamid=(audio|video|control)\//.exec(target)?.[1]
  return stream === undefined ? undefined : `setup-${stream}`
}

const methods: ReadonlyMap<string, string> = new Map([
  ['OPTIONS', 'options'],
  ['DESCRIBE', 'describe'],
  ['ANNOUNCE', 'announce'],
  ['PLAY', 'play'],
])

/**
 * The negotiation of streams by RTSP: requests come one by one, each on a connection of its own. Under a seal the key tells whose they
 * are; in the clear the first ones are the same for all, and the first SETUP is taken for that of the client that has launched in the clear
 * from the same address. From then on they name their session.
 */
export class RtspDesk {
  readonly #options: RtspDeskOptions
  readonly #negotiations = new Map<string, Negotiation>()
  /** Of sealed ones, by their launch. */
  readonly #seals = new Map<string, { readonly seal: MessageSeal; readonly timer: Timer }>()

  constructor(options: RtspDeskOptions) {
    this.#options = options
  }

  /**
   * The answer to all that has come on a connection; undefined while it is only the beginning of a request. Throws WireError for what is
   * none, and for a seal of nobody: whoever sends that is told nothing.
   */
  take(bytes: Uint8Array, address: string): Uint8Array | undefined {
    return ((bytes[0] ?? 0) & 0x80) === 0 ? this.#takePlain(bytes, address) : this.#takeSealed(bytes)
  }

  close(): void {
    for (const { timer } of this.#negotiations.values()) timer.cancel()
    for (const { timer } of this.#seals.values()) timer.cancel()
    this.#negotiations.clear()
    this.#seals.clear()
  }

  #takePlain(bytes: Uint8Array, address: string): Uint8Array | undefined {
    const request = decodeRtspRequest(bytes)
    return request && encodeRtspAnswer(this.#answerPlain(request, address), request.cseq)
  }

  #takeSealed(bytes: Uint8Array): Uint8Array | undefined {
    const sealed = decodeSealedRtsp(bytes)
    if (sealed === undefined) return undefined
    const launch = this.#options.launches.find(({ request }) => openSealed(request.key, 'rtsp', sealed) !== undefined)
    if (launch === undefined)
      throw new WireError('malformed', 'Cannot open a request: it is sealed for nobody who is expected')
    const seal = this.#sealOf(launch)
    const plain = seal.open(sealed)
    const request = plain && decodeRtspRequest(plain)
    if (request === undefined)
      throw new WireError('malformed', 'Cannot take a sealed request that is cut, or came before')
    return encodeSealedRtsp(
      seal.seal(encodeRtspAnswer(this.#answer(request, this.#negotiationOf(launch.id, launch, false)), request.cseq)),
    )
  }

  #sealOf(launch: Launch): MessageSeal {
    const known = this.#seals.get(launch.id)
    if (known) return known.seal
    const seal = new MessageSeal(launch.request.key, 'rtsp', 1)
    const timer = this.#options.clock.after(patienceMs * 2, () => this.#seals.delete(launch.id))
    this.#seals.set(launch.id, { seal, timer })
    return seal
  }

  #answerPlain(request: RtspRequest, address: string): RtspAnswer {
    const step = stepOf(request)
    const known = this.#negotiations.get(request.headers.get('session')?.split(';')[0] ?? '')
    if (known !== undefined) return this.#answer(request, known)
    // Who asks what can be done has said nothing yet that could be told from another's.
    if (step === 'options') return ok({})
    if (step === 'describe') return { ...ok({}), body: describeStream(this.#options.offer) }
    if (step !== 'setup-audio')
      return { status: step === undefined ? 501 : 454, reason: 'Session Not Found', headers: {} }
    const isHere = (launch: Launch) => !launch.request.encryptsRtsp && launch.address === address
    const launch = this.#options.launches.find((each) => isHere(each) && !this.#isNegotiating(each))
    if (launch === undefined) return { status: 454, reason: 'Session Not Found', headers: {} }
    return this.#answer(request, this.#negotiationOf(this.#randomWord(16), launch, true))
  }

  #answer(request: RtspRequest, negotiation: Negotiation | undefined): RtspAnswer {
    const step = stepOf(request)
    if (step === undefined) return { status: 501, reason: 'Not Implemented', headers: {} }
    if (negotiation === undefined) return { status: 503, reason: 'Service Unavailable', headers: {} }
    try {
      negotiation.monitor.received(step)
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error
      this.#forget(negotiation)
      this.#options.onViolation(error, negotiation.launch)
      return { status: 455, reason: 'Method Not Valid in This State', headers: {} }
    }
    const answer = this.#perform(step, request, negotiation)
    negotiation.monitor.sent(answer.status === 200 ? 'accepted' : 'refused')
    if (answer.status !== 200 || step === 'play') this.#forget(negotiation)
    return answer
  }

  #isNegotiating(launch: Launch): boolean {
    return this.#negotiations.values().some((negotiation) => negotiation.launch === launch)
  }

  /** Undefined when there are too many. `inMidstream`: it goes on after what is said to everybody. */
  #negotiationOf(id: string, launch: Launch, inMidstream: boolean): Negotiation | undefined {
    const known = this.#negotiations.get(id)
    if (known) return known
    if (this.#negotiations.size >= mostNegotiations) return undefined
    const { clock } = this.#options
    const monitor = new RecordingMonitor({
      plan: streamPlan,
      epochMs: () => clock.epochMs(),
      capacity: recordedMessages,
    })
    for (const said of inMidstream ? ['options', 'describe'] : []) {
      monitor.received(said)
      monitor.sent('accepted')
    }
    const negotiation: Negotiation = {
      id,
      launch,
      monitor,
      connectData: Number.parseInt(this.#randomWord(8), 16),
      pingPayloads: { audio: this.#randomWord(16), video: this.#randomWord(16) },
      timer: clock.after(patienceMs, () => this.#forget(negotiation)),
      wish: undefined,
      isAgreed: false,
    }
    this.#negotiations.set(id, negotiation)
    return negotiation
  }

  #perform(step: string, request: RtspRequest, negotiation: Negotiation): RtspAnswer {
    const { offer, udpPort } = this.#options
    const transport = { Session: `${negotiation.id};timeout = 90`, Transport: `server_port=${udpPort}` }
    switch (step) {
      case 'describe':
        return { ...ok({}), body: describeStream(offer) }
      case 'setup-audio':
        return ok({ ...transport, 'X-SS-Ping-Payload': negotiation.pingPayloads.audio })
      case 'setup-video':
        return ok({ ...transport, 'X-SS-Ping-Payload': negotiation.pingPayloads.video })
      case 'setup-control':
        return ok({ ...transport, 'X-SS-Connect-Data': negotiation.connectData })
      case 'announce':
        return this.#announce(request, negotiation)
      case 'play':
        return this.#play(negotiation)
      default:
        return ok({})
    }
  }

  #announce({ body }: RtspRequest, negotiation: Negotiation): RtspAnswer {
    try {
      const wish = readStreamWish(body)
      const refusal = wish.knowsSessions
        ? this.#options.refuses(wish, negotiation.launch)
        : 'This client is too old: it cannot tell its streams from those of others behind the same address'
      if (refusal !== undefined) return { status: 406, reason: printable(refusal), headers: {} }
      negotiation.wish = wish
      return ok({})
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return { status: 400, reason: printable(error.message), headers: {} }
    }
  }

  #play(negotiation: Negotiation): RtspAnswer {
    const { launch, wish, connectData, pingPayloads, monitor } = negotiation
    if (wish === undefined) return { status: 455, reason: 'Method Not Valid in This State', headers: {} }
    const said = [
      ...monitor.said,
      { atMs: this.#options.clock.epochMs(), direction: 'sent', label: 'accepted' } as const,
    ]
    negotiation.isAgreed = this.#options.onAgreed({ launch, wish, connectData, pingPayloads, said })
    return negotiation.isAgreed ? ok({}) : { status: 503, reason: 'Service Unavailable', headers: {} }
  }

  #forget(negotiation: Negotiation): void {
    const { id, isAgreed, launch, monitor, timer } = negotiation
    timer.cancel()
    this.#negotiations.delete(id)
    const { recording } = monitor
    if (!isAgreed && recording !== undefined) this.#options.onUnfinished(recording, launch)
  }

  #randomWord(digits: number): string {
    return Buffer.from(this.#options.randomBytes(digits / 2)).toString('hex')
  }
}

/** Clients want at least one header. */
function ok(headers: RtspAnswer['headers']): RtspAnswer {
  return { status: 200, reason: 'OK', headers: { Server: 'Porchlight', ...headers } }
}

function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?').slice(0, 200)
}
