import type { RawData, WebSocket } from 'ws'
import type { Clock } from '../../kernel/clock.ts'
import { CodedError, messageOf } from '../../kernel/coded-error.ts'
import { ConversationMonitor, type ConversationPlan } from '../../kernel/monitor/conversation.ts'
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
  /** The connection is gone; `code` is the client's, or 1006. */
  gone(code: number): void
}

/** What is sent in earnest is a tenth of it: receipts, a pointer, a voice. What each may be has limits of its own. */
const messageLimit = { perSecond: 2000, burst: 4000 }
/** A client that does not answer the closing handshake is cut off after this. */
const closeTimeoutMs = 1000

/** The host's end of a media socket: decodes, holds both ends to the protocol, and closes for real. */
export class MediaSocket {
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #monitor: ConversationMonitor
  readonly #hear: (message: ClientMediaMessage) => void
  readonly #events: MediaSocketEvents
  readonly #limit: TokenBucket
  #faulted = false

  constructor(socket: WebSocket, options: { clock: Clock; plan: ConversationPlan; events: MediaSocketEvents }) {
    this.#socket = socket
    this.#clock = options.clock
    this.#monitor = new ConversationMonitor(options.plan)
    this.#events = options.events
    this.#hear = typedReceiver(webMedia, 'host', this.#monitor, options.events.handlers)
    this.#limit = new TokenBucket({ ...messageLimit, nowMs: options.clock.nowMs() })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.closed = promise
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('error', (error: Error & { code?: string }) => {
      if (error.code?.startsWith('WS_ERR_')) this.#fault('malformed', 'The frame cannot be taken')
    })
    socket.on('close', (code) => {
      resolve()
      this.#events.gone(code)
    })
    if (socket.readyState === socket.CLOSED) resolve()
  }

  /** Hands bytes to the system. False when the connection is gone, or going. */
  send({ label, full }: MediaMessage): boolean {
    if (this.#faulted || this.#socket.readyState !== this.#socket.OPEN) return false
    this.#monitor.sent(label)
    this.#socket.send(full)
    return true
  }

  /** Ends the connection, after telling the other end why where it may still listen. */
  close(code: number | undefined, reason: string): void {
    if (code === undefined) return this.#socket.terminate()
    this.#socket.close(code, reason)
    const timer = this.#clock.after(closeTimeoutMs, () => this.#socket.terminate())
    void this.closed.then(() => timer.cancel())
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#faulted || this.#socket.readyState !== this.#socket.OPEN) return
    if (!this.#limit.take(this.#clock.nowMs())) return this.#fault('flood', 'Too many messages')
    if (!isBinary) return this.#fault('malformed', 'Media and input are binary, text came')
    try {
      this.#hear(decodeClientMedia(data as Buffer))
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      this.#fault(error.code, messageOf(error))
    }
  }

  #fault(code: string, message: string): void {
    if (this.#faulted) return
    this.#faulted = true
    // What else it has sent is not even read.
    this.#socket.pause()
    this.#events.fault(code, message)
  }
}
