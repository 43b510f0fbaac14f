import { TokenBucket } from '../../../kernel/token-bucket.ts'
import type { SessionViewer } from '../../../viewer/session-viewer.ts'
import { readBrowserOffer } from '../sdp/browser-offer.ts'
import { openBrowserViewer, type BrowserViewer } from './browser-viewer.ts'
import type { LaneOptions } from './viewer-context.ts'

export interface PeerLaneOptions extends LaneOptions {
  /** The client knows only seed 003: it takes candidates in the answer alone, and opens channels itself. */
  readonly isPlain: boolean
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
  #peer: BrowserViewer | undefined
  #limitBps = 0

  constructor(options: PeerLaneOptions) {
    const nowMs = options.context.clock.nowMs()
    this.#options = options
    this.#offers = new TokenBucket({ ...offerLimit, nowMs })
    this.#renegotiations = new TokenBucket({ ...renegotiationLimit, nowMs })
  }

  get viewer(): SessionViewer | undefined {
    return this.#peer?.viewer
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
    if (this.#peer?.renegotiate(offer)) return
    if (!this.#offers.take(nowMs)) return fault('flood', 'Too many offers')
    void this.#peer?.viewer.close('a new offer came')
    this.#peer = undefined
    this.#follow(offer)
  }

  candidate(candidate: string): void {
    this.#peer?.candidate(candidate)
  }

  /** The most that the viewer wants, 0 for no limit of its own. */
  limit(bitrateBps: number): void {
    this.#limitBps = bitrateBps
    this.#peer?.viewer.limit(bitrateBps)
  }

  async close(reason: string): Promise<void> {
    await this.#peer?.viewer.close(reason)
  }

  #follow(offer: ReturnType<typeof readBrowserOffer>): void {
    const { isPlain, session, say } = this.#options
    let answered = false
    const peer = openBrowserViewer({
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
    this.#peer = peer
    void peer.viewer.closed.then((end) => {
      if (this.#peer !== peer) return
      this.#peer = undefined
      if (end.kind === 'clean') return
      // Each offer gets one answer or one refusal.
      say({ type: answered ? 'error' : 'offer-refused', code: 'media-lost', message: end.error.message })
    })
  }
}
