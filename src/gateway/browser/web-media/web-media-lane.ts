import type { MediaGrant } from '../../../conversation/contract/media-door.ts'
import type { Pipe, PipeEnds } from '../../../kernel/pipe.ts'
import { webMediaCloseCode } from '../../../wire/web-media/subprotocol.ts'
import { TokenBucket } from '../../../kernel/token-bucket.ts'
import type { SessionViewer, ViewerWish } from '../../../viewer/session-viewer.ts'
import type { LaneOptions } from '../viewer/viewer-context.ts'
import type { MediaTickets } from '../../../conversation/return/media-tickets.ts'
import { openWebViewer } from './web-viewer.ts'

export interface WebMediaLaneOptions extends LaneOptions {
  readonly tickets: MediaTickets<MediaGrant>
}

/** Each ticket costs a WebSocket and a watch. */
const ticketLimit = { perSecond: 1, burst: 10 }

/** The media sockets of one signalling conversation: one ticket and one socket at a time. */
export class WebMediaLane {
  readonly #options: WebMediaLaneOptions
  readonly #limit: TokenBucket
  #viewer: SessionViewer | undefined
  #takeBack = () => {}
  #limitBps = 0
  #closed = false

  constructor(options: WebMediaLaneOptions) {
    this.#options = options
    this.#limit = new TokenBucket({ ...ticketLimit, nowMs: options.context.clock.nowMs() })
  }

  get viewer(): SessionViewer | undefined {
    return this.#viewer
  }

  /** Answers a wish for a media socket with a ticket. */
  ask(wish: ViewerWish): void {
    const { context, tickets, session, say } = this.#options
    this.#takeBack()
    if (!this.#limit.take(context.clock.nowMs())) {
      return say({
        type: 'web-media-refused',
        code: 'too-many-requests',
        message: 'Too many media sockets: wait a little',
      })
    }
    const { ticket, takeBack } = tickets.issue({
      member: session().member,
      take: (pipe, ends) => this.#open(wish, pipe, ends),
    })
    this.#takeBack = takeBack
    say({ type: 'web-media-ticket', ticket })
  }

  /** The most that the viewer wants, 0 for no limit of its own. */
  limit(bitrateBps: number): void {
    this.#limitBps = bitrateBps
    this.#viewer?.limit(bitrateBps)
  }

  async close(reason: string): Promise<void> {
    this.#closed = true
    this.#takeBack()
    await this.#viewer?.close(reason)
  }

  #open({ codecs, audio }: ViewerWish, pipe: Pipe, ends: PipeEnds): void {
    const { session } = this.#options
    if (this.#closed) return pipe.close(webMediaCloseCode.ended, 'The session has ended')
    void this.#viewer?.close('another socket came')
    const wish = { codecs, audio }
    const viewer = openWebViewer({
      ...this.#options,
      session: session(),
      pipe,
      ends,
      wish,
      limitBps: this.#limitBps,
    })
    this.#viewer = viewer
    void viewer.closed.then(() => {
      if (this.#viewer === viewer) this.#viewer = undefined
    })
  }
}
