import type { StreamSession } from '../../../host/stream-session.ts'
import { Ending, type Closable, type End } from '../../../kernel/ending.ts'
import type { AccessUnit, AudioUnit } from '../../../media/access-unit.ts'
import type { MediaSink, Watch } from '../../../media/producer.ts'
import type { ViewerObservation } from '../../../viewer/link/messages.ts'
import type { Ssrcs } from '../../../viewer/link/viewer-streams.ts'
import { maxDataMessageBytes, maxTextBytes, type PeerTransport } from '../../../viewer/rtc/peer-offer.ts'
import type { RemoteViewer, ViewerStatistics } from '../../../viewer/remote-viewer.ts'
import { ViewerError } from '../../../viewer/viewer-error.ts'
import { keysChannel, pointerChannel } from '../../../wire/input/channels.ts'
import type { ServerMessage } from '../../../wire/signal/messages.ts'
import { answerForBrowser } from '../sdp/answer-for-browser.ts'
import { Answering } from '../sdp/answering.ts'
import { streamsOf, type BrowserOffer } from '../sdp/browser-offer.ts'
import { readCandidate } from '../sdp/remote-candidate.ts'
import { InputIntake } from './input-intake.ts'
import type { SessionPath } from './session-path.ts'
import type { ViewerContext } from './viewer-context.ts'
import { VoiceIntake } from './voice-intake.ts'

export interface BrowserViewerOptions {
  readonly context: ViewerContext
  readonly session: StreamSession
  readonly offer: BrowserOffer
  /** The most that the viewer wants, 0 for no limit of its own. */
  readonly limitBps: number
  /** The client takes candidates in the answer and nowhere else. */
  readonly candidatesInAnswer: boolean
  /** The client has the channels of input, negotiated out of band. */
  readonly hasInputChannels: boolean
  readonly say: (message: ServerMessage) => void
  readonly path: SessionPath
  /** The client broke the protocol. */
  readonly fault: (code: string, message: string) => void
  /** Input goes on over another path when this one ends. */
  readonly isPassedOn: () => boolean
  /** Takes a text on a channel that the client has opened itself. */
  readonly onText: (text: string) => void
}

/**
 * The server's half of a viewer by WebRTC: what it watches, and what its input and voice may do. The peer connection is in
 * the viewer process. It ends by `close()`, or with an error when the other end or that process is gone.
 */
export interface BrowserViewer extends Closable {
  /** Media is being sent. */
  readonly open: boolean
  /** What the path is believed to carry, in bits a second. */
  readonly targetBps: number
  /** Throws BrowserGatewayError `sdp-malformed`. */
  candidate(candidate: string): void
  /** The most that the viewer wants, 0 for no limit of its own. */
  limit(bitrateBps: number): void
  /** Answers another offer on the connection that stands; false when it is for another one. */
  renegotiate(offer: BrowserOffer): boolean
}

/** Answers an offer. Throws ViewerError `suspected` or `shut-out` when it is not to be answered. */
export function openBrowserViewer(options: BrowserViewerOptions): BrowserViewer {
  return new Viewer(options)
}

class Viewer implements BrowserViewer, MediaSink {
  readonly closed: Promise<End>
  readonly #options: BrowserViewerOptions
  readonly #ssrcs: Ssrcs
  readonly #answering: Answering
  readonly #input: InputIntake
  readonly #voice: VoiceIntake
  readonly #remote: RemoteViewer
  readonly #ending: Ending
  #offer: BrowserOffer
  #transport: PeerTransport | undefined
  #answers = 0
  /** What the path carries of pictures, once it can carry any. */
  #bitrateBps: number | undefined
  #watch: Watch | undefined
  #targetBps = 0
  #stopPointers = () => {}

  constructor(options: BrowserViewerOptions) {
    const { context, offer, session, say, fault, isPassedOn } = options
    const { clock, counters, nowUs, pump, random32, viewerProcess } = context
    this.#options = options
    this.#offer = offer
    this.#ssrcs = { video: random32(), audio: random32() }
    const mid = offer.sections.find(({ use }) => use !== 'none')?.mid ?? '0'
    this.#answering = new Answering({
      clock,
      withCandidates: options.candidatesInAnswer,
      answer: (sdp) => say({ type: 'signal', signal: { type: 'answer', sdp } }),
      candidate: (candidate) => say({ type: 'candidate', candidate, sdpMid: mid }),
    })
    const refuse = (code: string, message: string) => say({ type: 'error', code, message })
    this.#input = new InputIntake({ session, pump, nowUs, counters, refuse, fault, isPassedOn })
    this.#voice = new VoiceIntake({ session, nowUs, counters, refuse, fault })
    this.#remote = viewerProcess.open(
      {
        memberId: session.member.id,
        offer: {
          ice: offer.ice,
          fingerprint: offer.fingerprint,
          setup: offer.setup,
          sctpPort: offer.data?.sctpPort,
          inputChannels: options.hasInputChannels,
          candidates: offer.candidates,
        },
        streams: streamsOf(offer, this.#ssrcs),
        limitBps: options.limitBps,
      },
      {
        described: (transport) => {
          this.#transport = transport
          this.#answering.answer(this.#answer(transport))
        },
        localCandidate: (candidate) => this.#answering.candidate(candidate),
        gathered: () => this.#answering.gathered(),
        opened: (bitrateBps) => {
          this.#bitrateBps = bitrateBps
          this.#targetBps = bitrateBps
          this.#attach()
        },
        bitrate: (bitrateBps) => {
          this.#bitrateBps = bitrateBps
          this.#watch?.setBitrate(bitrateBps)
        },
        keyframe: () => this.#watch?.requestKeyframe(),
        resync: () => this.#watch?.resync(),
        observed: (observation) => this.#observed(observation),
        statistics: (statistics) => this.#tell(statistics),
        input: (channelId, message) => {
          this.#input.receive(channelId === pointerChannel.id ? pointerChannel : keysChannel, message)
        },
        voice: (unit) => this.#voice.receive(unit),
        text: (text) => options.onText(text),
        fault: (code, message) => this.#fault(code, message),
      },
    )
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
    void this.#remote.closed.then((end) => {
      if (end.kind === 'error') void this.#ending.fail(end.error)
    })
  }

  get open(): boolean {
    return this.#watch !== undefined && !this.#ending.begun
  }

  get targetBps(): number {
    return this.#targetBps
  }

  candidate(candidate: string): void {
    const read = readCandidate(candidate)
    if (read.kind === 'usable') this.#remote.candidate(read.line)
  }

  limit(bitrateBps: number): void {
    this.#remote.limit(bitrateBps)
  }

  renegotiate(offer: BrowserOffer): boolean {
    // RFC 8829, section 5.2.2: the same credentials belong to the same transport.
    if (!this.#transport || this.#ending.begun || offer.ice.ufrag !== this.#offer.ice.ufrag) return false
    const before = watched(this.#offer)
    this.#offer = offer
    this.#remote.configure(streamsOf(offer, this.#ssrcs))
    if (watched(offer) !== before) this.#attach()
    const sdp = this.#answer(this.#transport)
    this.#options.say({ type: 'signal', signal: { type: 'answer', sdp } })
    return true
  }

  video(unit: AccessUnit): void {
    if (!this.#remote.congested) return this.#remote.video(unit)
    this.#options.context.counters.resyncs++
    this.#watch?.resync()
  }

  audio(unit: AudioUnit): void {
    this.#remote.audio(unit)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #answer(transport: PeerTransport): string {
    const version = ++this.#answers
    const maxMessageBytes = this.#options.hasInputChannels ? maxDataMessageBytes : maxTextBytes
    return answerForBrowser(this.#offer, { transport, ssrcs: this.#ssrcs, version, maxMessageBytes })
  }

  /** What was agreed on of the session's pictures and sound begins to flow, with a key picture. */
  #attach(): void {
    const { session } = this.#options
    const { audio, video } = this.#offer
    const bitrateBps = this.#bitrateBps
    if (bitrateBps === undefined) return
    const former = this.#watch
    const codecs = video?.isSeen ? [...video.formats.keys()] : []
    const isHeard = audio?.isHeard === true
    this.#watch =
      codecs.length > 0 || isHeard ? session.attach({ codecs, bitrateBps, audio: isHeard }, this) : undefined
    former?.close()
    if (this.#options.hasInputChannels && !former) {
      this.#stopPointers = session.followPointers((batch) => this.#remote.pointers(batch))
    }
  }

  #observed(observation: ViewerObservation): void {
    const { context, session, path } = this.#options
    if (observation.kind === 'path') {
      const { kind: _, ...way } = observation
      return path.carries(this, way)
    }
    session.observe({ ...observation })
    if (observation.kind !== 'handshake' || observation.ok) return
    context.log.warn('A viewer got no media', { sessionId: session.id, reason: observation.reason })
  }

  #tell({ targetBps, sentBps, roundTripMs, lossRatio, restMs, heard }: ViewerStatistics): void {
    const { session, say } = this.#options
    this.#targetBps = targetBps
    // Whoever watches is there, though they say nothing.
    if (heard) session.touch()
    const rendition = this.#watch?.rendition.value
    say({
      type: 'stats',
      targetBps: Math.round(targetBps),
      sentBps: Math.round(sentBps),
      roundTripMs,
      lossRatio,
      restMs: Math.round(restMs),
      ...(rendition ? { rendition } : {}),
    })
  }

  /** What no client sends is an offence, and the connection that it came by ends; the rest is for the conversation. */
  #fault(code: string, message: string): void {
    const { context, session, fault } = this.#options
    if (code !== 'malformed-control') return fault(code, message)
    session.observe({ kind: 'fault', code, message })
    context.log.warn('A viewer sent what no client sends', { sessionId: session.id, memberId: session.member.id, code })
    void this.#ending.fail(new ViewerError('peer-failed', message))
    context.viewerProcess.offence(session.member.id)
  }

  async #release(end: End): Promise<void> {
    const { session, path } = this.#options
    path.ended(this)
    this.#answering.close()
    this.#stopPointers()
    this.#input.close()
    this.#watch?.close()
    const isProcessLost = end.kind === 'error' && end.error instanceof ViewerError && end.error.code === 'process-lost'
    if (isProcessLost && this.#watch) {
      session.observe({ kind: 'interruption', reason: end.error.message })
    }
    await this.#remote.close(end.kind === 'clean' ? end.reason : end.error.message)
  }
}

/** What of a session an offer wants to see and hear. */
function watched({ audio, video }: BrowserOffer): string {
  return `${video?.isSeen ? [...video.formats.keys()].join() : ''} ${audio?.isHeard === true}`
}
