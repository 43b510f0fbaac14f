import type { WebSocket } from 'ws'
import type { Member } from '../../../domain/member.ts'
import type { StreamSession } from '../../../host/stream-session.ts'
import type { ServerMessage } from '../../../wire/signal/messages.ts'
import { webMediaCloseCode } from '../../../wire/web-media/subprotocol.ts'
import { TokenBucket } from '../../../kernel/token-bucket.ts'
import type { SessionPath } from '../viewer/session-path.ts'
import type { ViewerContext } from '../viewer/viewer-context.ts'
import type { MediaTickets } from '../../../conversation/return/media-tickets.ts'
import { WebViewer, type WebMediaEnds, type WebViewerOptions } from './web-viewer.ts'

/** The right to one media socket. */
export interface MediaGrant {
  /** Whose socket it is. */
  readonly member: Member
  /** Takes over the socket. */
  readonly take: (socket: WebSocket, ends: WebMediaEnds) => void
}

export interface WebMediaLaneOptions {
  readonly context: ViewerContext
  readonly tickets: MediaTickets<MediaGrant>
  readonly session: () => StreamSession
  readonly say: (message: ServerMessage) => void
  readonly path: SessionPath
  readonly fault: (code: string, message: string) => void
}

type Wish = Pick<WebViewerOptions, 'codecs' | 'audio'>

/** Each ticket costs a WebSocket and a watch. */
const ticketLimit = { perSecond: 1, burst: 10 }

/** The media sockets of one signalling conversation: one ticket and one socket at a time. */
export class WebMediaLane {
  readonly #options: WebMediaLaneOptions
  readonly #limit: TokenBucket
  #viewer: WebViewer | undefined
  #takeBack = () => {}
  #limitBps = 0
  #closed = false

  constructor(options: WebMediaLaneOptions) {
    this.#options = options
    this.#limit = new TokenBucket({ ...ticketLimit, nowMs: options.context.clock.nowMs() })
  }

  get viewer(): WebViewer | undefined {
    return this.#viewer
  }

  /** Answers a wish for a media socket with a ticket. */
  ask(wish: Wish): void {
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
      take: (socket, ends) => this.#open(wish, socket, ends),
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

  #open(wish: Wish, socket: WebSocket, ends: WebMediaEnds): void {
    const { context, session, say, fault, path } = this.#options
    if (this.#closed) return socket.close(webMediaCloseCode.ended, 'The session has ended')
    void this.#viewer?.close('another socket came')
    const viewer = new WebViewer({
      context,
      session: session(),
      socket,
      ends,
      ...wish,
      limitBps: this.#limitBps,
      say,
      fault,
      path,
    })
    this.#viewer = viewer
    void viewer.closed.then(() => {
      if (this.#viewer === viewer) this.#viewer = undefined
    })
    viewer.begin()
  }
}
