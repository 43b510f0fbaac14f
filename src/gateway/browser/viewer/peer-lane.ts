import type { StreamSession } from '../../../host/stream-session.ts'
import { TokenBucket } from '../../../kernel/token-bucket.ts'
import type { ServerMessage } from '../../../wire/signal/messages.ts'
import { readBrowserOffer } from '../sdp/browser-offer.ts'
import { openBrowserViewer, type BrowserViewer } from './browser-viewer.ts'
import type { SessionPath } from './session-path.ts'
import type { ViewerContext } from './viewer-context.ts'

export interface PeerLaneOptions {
  readonly context: ViewerContext
  readonly session: () => StreamSession
  /** The client knows only seed 003: it takes candidates in the answer alone, and opens channels itself. */
  readonly isPlain: boolean
  readonly say: (message: ServerMessage) => void
  readonly path: SessionPath
  readonly fault: (code: string, message: string) => void
  /** Input goes on over another path when a peer connection ends. */
  readonly isPassedOn: () => boolean
  /** Takes a text on a channel that the client has opened itself. */
  readonly onText: (text: string) => void
}

/** Each offer costs a peer connection, */
const offerLimit = { perSecond: 0.5, burst: 8 }
/** and one on the connection that stands a text. */
const renegotiationLimit = { perSecond: 5, burst: 40 }

/** The peer connections of one signalling conversation: one at a time, each answered for as long as it stands. */
export class PeerLane {
  readonly #options: PeerLaneOptions
  readonly #offers: TokenBucket
  readonly #renegotiations: TokenBucket
  #viewer: BrowserViewer | undefined
  #limitBps = 0

  constructor(options: PeerLaneOptions) {
    const nowMs = options.context.clock.nowMs()
    this.#options = options
    this.#offers = new TokenBucket({ ...offerLimit, nowMs })
    this.#renegotiations = new TokenBucket({ ...renegotiationLimit, nowMs })
  }

  get viewer(): BrowserViewer | undefined {
    return this.#viewer
  }

  /**
   * An offer for another peer connection takes the place of the one there is; session and place stay. Throws BrowserGatewayError
   * for what cannot be read or answered, ViewerError when it is not to be answered.
   */
  answer(sdp: string): void {
    const { context, fault } = this.#options
    const offer = readBrowserOffer(sdp)
    const nowMs = context.clock.nowMs()
    if (!this.#renegotiations.take(nowMs)) return fault('flood', 'Too many offers')
    if (this.#viewer?.renegotiate(offer)) return
    if (!this.#offers.take(nowMs)) return fault('flood', 'Too many offers')
    void this.#viewer?.close('a new offer came')
    this.#viewer = undefined
    this.#follow(offer)
  }

  candidate(candidate: string): void {
    this.#viewer?.candidate(candidate)
  }

  /** The most that the viewer wants, 0 for no limit of its own. */
  limit(bitrateBps: number): void {
    this.#limitBps = bitrateBps
    this.#viewer?.limit(bitrateBps)
  }

  async close(reason: string): Promise<void> {
    await this.#viewer?.close(reason)
  }

  #follow(offer: ReturnType<typeof readBrowserOffer>): void {
    const { isPlain, session, say } = this.#options
    let answered = false
    const viewer = openBrowserViewer({
      ...this.#options,
      session: session(),
      offer,
      limitBps: this.#limitBps,
      candidatesInAnswer: isPlain,
      hasInputChannels: !isPlain,
      say: (message) => {
        answered ||= message.type === 'signal'
        say(message)
      },
    })
    this.#viewer = viewer
    void viewer.closed.then((end) => {
      if (this.#viewer !== viewer) return
      this.#viewer = undefined
      if (end.kind === 'clean') return
      // Each offer gets one answer or one refusal.
      say({ type: answered ? 'error' : 'offer-refused', code: 'media-lost', message: end.error.message })
    })
  }
}
