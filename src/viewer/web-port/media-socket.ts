import type { Clock } from '../../kernel/clock.ts'
import { CodedError, messageOf } from '../../kernel/coded-error.ts'
import { ConversationMonitor, type ConversationPlan } from '../../kernel/monitor/conversation.ts'
import type { Pipe, PipeMessage } from '../../kernel/pipe.ts'
import { typedReceiver } from '../../kernel/monitor/conversation-peer.ts'
import { decodeClientMedia, type ClientMediaMessage } from '../../wire/web-media/client-media-message.ts'
import { webMedia } from '../../wire/web-media/protocol.ts'
import type { Handlers } from '../../kernel/monitor/typed-conversation.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import type { MediaMessage } from './packets.ts'

export interface MediaSocketEvents {
  /** What is done with each message that the protocol allows. */
  readonly handlers: Handlers<typeof webMedia, 'host'>
  /** What came cannot be a message, or may not come now. */
  fault(code: string, message: string): void
  /** The connection is gone; `code` is that of whoever closed it, undefined when it was lost. */
  gone(code: number | undefined): void
}

/** What is sent in earnest is a tenth of it: receipts, a pointer, a voice. What each may be has limits of its own. */
const messageLimit = { perSecond: 2000, burst: 4000 }

/** The host's end of a media socket: decodes, and holds both ends to the protocol. */
export class MediaSocket {
  readonly #pipe: Pipe
  readonly #clock: Clock
  readonly #monitor: ConversationMonitor
  readonly #hear: (message: ClientMediaMessage) => void
  readonly #events: MediaSocketEvents
  readonly #limit: TokenBucket
  #faulted = false

  constructor(pipe: Pipe, options: { clock: Clock; plan: ConversationPlan; events: MediaSocketEvents }) {
    this.#pipe = pipe
    this.#clock = options.clock
    this.#monitor = new ConversationMonitor(options.plan)
    this.#events = options.events
    this.#hear = typedReceiver(webMedia, 'host', this.#monitor, options.events.handlers)
    this.#limit = new TokenBucket({ ...messageLimit, nowMs: options.clock.nowMs() })
    pipe.listen({
      message: (message) => this.#receive(message),
      fault: (code, message) => this.#fault(code, message),
    })
    void pipe.closed.then(({ code }) => this.#events.gone(code))
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<unknown> {
    return this.#pipe.closed
  }

  /** Hands bytes to the system. False when the connection is gone, or going. */
  send({ label, full }: MediaMessage): boolean {
    if (this.#faulted || !this.#pipe.open) return false
    this.#monitor.sent(label)
    this.#pipe.send(full)
    return true
  }

  /** Ends the connection, after telling the other end why where it may still listen. */
  close(code: number | undefined, reason: string): void {
    this.#pipe.close(code, reason)
  }

  #receive(data: PipeMessage): void {
    if (this.#faulted || !this.#pipe.open) return
    if (!this.#limit.take(this.#clock.nowMs())) return this.#fault('flood', 'Too many messages')
    if (typeof data === 'string') return this.#fault('malformed', 'Media and input are binary, text came')
    try {
      this.#hear(decodeClientMedia(data))
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      this.#fault(error.code, messageOf(error))
    }
  }

  #fault(code: string, message: string): void {
    if (this.#faulted) return
    this.#faulted = true
    // What else it has sent is not even read.
    this.#pipe.pause()
    this.#events.fault(code, message)
  }
}
