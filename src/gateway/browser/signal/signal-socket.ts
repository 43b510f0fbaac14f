import type { RawData, WebSocket } from 'ws'
import type { Clock } from '../../../kernel/clock.ts'
import { CodedError, messageOf } from '../../../kernel/coded-error.ts'
import { ConversationPeer } from '../../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../../kernel/monitor/protocol-violation.ts'
import type { ContentsOf, Handlers, WordsOf } from '../../../kernel/monitor/typed-conversation.ts'
import { decodeClientMessage, encodeSignal } from '../../../wire/signal/codec.ts'
import {
  plainMessages,
  signalCloseCode,
  type ClientMessage,
  type ServerMessage,
} from '../../../wire/signal/messages.ts'
import { signalling } from '../../../wire/signal/protocol.ts'
import { TokenBucket } from '../../../kernel/token-bucket.ts'
import type { SignalWatch } from '../../../conversation/signal-watch.ts'

/** What is done with each message of a client that the protocol allows. */
export type SignalHandlers = Handlers<typeof signalling, 'host'>

export interface SignalSocketEvents {
  /** A message of a plain client, before its order counts; true when it is dealt with. */
  plain(message: ClientMessage): boolean
  /** What came cannot be a message, or came too fast. */
  fault(code: string, message: string): void
  /** The connection is gone. */
  lost(): void
  /** The page at the other end is gone, in order. */
  gone(): void
  /** The server closed it because the member may not be here any more. */
  revoked(): void
}

type HostWords = WordsOf<typeof signalling, 'host'>

/** RFC 6455, section 7.4.1: what a browser closes with when it leaves a page. */
const goingAway = 1001
const messageLimit = { perSecond: 50, burst: 200 }
/** Whoever does not read what he is told for so long is gone. */
const maxUnsentBytes = 512 * 1024
/** A client that does not answer the closing handshake is cut off after this. */
const closeTimeoutMs = 1000
/** RFC 6455, section 5.5: a control frame has 125 bytes, 2 of them for the code. */
const maxReasonBytes = 123

/** A WebSocket that carries signalling messages: decodes, limits their rate, keeps their order, and closes for real. */
export class SignalSocket {
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>
  /** The client has named no subprotocol: it knows the messages of seed 003 and is told nothing else. */
  readonly isPlain: boolean
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #events: SignalSocketEvents
  readonly #limit: TokenBucket
  readonly #peer: ConversationPeer<typeof signalling, 'host'>
  /** After a violation: what is said then is said outside the protocol. */
  #isViolated = false
  readonly #settleClosed: () => void

  constructor(socket: WebSocket, clock: Clock, watch: SignalWatch, events: SignalSocketEvents) {
    this.#socket = socket
    this.isPlain = socket.protocol === ''
    this.#clock = clock
    this.#events = events
    this.#peer = new ConversationPeer({
      conversation: signalling,
      role: 'host',
      watch: {
        sent: (label) => this.#isViolated || watch.sent(label),
        received: (label) => this.#isViolated || watch.received(label),
      },
      write: (message) => this.#write(message),
    })
    this.#limit = new TokenBucket({ ...messageLimit, nowMs: clock.nowMs() })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.closed = promise
    this.#settleClosed = resolve
  }

  listen(handlers: SignalHandlers): void {
    this.#peer.on(handlers)
    const socket = this.#socket
    const events = this.#events
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('error', (error: Error & { code?: string }) => {
      // What breaks RFC 6455 itself, or is larger than the server takes; the library closes by itself.
      if (error.code?.startsWith('WS_ERR_')) events.fault(wsFaultCode(error.code), 'The frame cannot be taken')
    })
    socket.on('close', (code) => {
      this.#settleClosed()
      if (code === signalCloseCode.revoked) events.revoked()
      else if (code === goingAway) events.gone()
      else events.lost()
    })
  }

  /** Sends a message of that label. Dropped when the connection is gone, or going. */
  send<Label extends keyof HostWords>(label: Label, ...contents: ContentsOf<HostWords[Label]>): void {
    if (this.#isOpen) this.#hold(() => this.#peer.send(label, ...contents))
  }

  /** Sends a message that says by itself what it is; as {@link send}. */
  say(message: ServerMessage): void {
    if (this.#isOpen) this.#hold(() => this.#peer.say(message))
  }

  /** Answers what was said beside the protocol. */
  sendAside(message: ServerMessage): void {
    if (this.#isOpen) this.#socket.send(encodeSignal(message))
  }

  /** Ends the connection; with a code, after telling the other end. */
  close(code: number | undefined, reason: string): void {
    if (code === undefined) return this.#socket.terminate()
    this.#socket.close(code, Buffer.from(reason).subarray(0, maxReasonBytes))
    const timer = this.#clock.after(closeTimeoutMs, () => this.#socket.terminate())
    void this.closed.then(() => timer.cancel())
  }

  #receive(data: RawData, isBinary: boolean): void {
    // Messages still come while the closing handshake goes on.
    if (!this.#isOpen) return
    if (!this.#limit.take(this.#clock.nowMs())) {
      // What else it has sent is not even read.
      this.#socket.pause()
      return this.#events.fault('flood', 'Too many messages')
    }
    if (isBinary) return this.#events.fault('malformed', 'Signalling is text, a binary message came')
    let message: ClientMessage
    try {
      message = decodeClientMessage(data as Buffer)
    } catch (error) {
      // The server of seed 003 ignores what it does not know, and takes things that are not for this one.
      if (this.isPlain && error instanceof CodedError && error.code === 'unknown-type') return
      return this.#events.fault(error instanceof CodedError ? error.code : 'malformed', messageOf(error))
    }
    if (this.isPlain && this.#events.plain(message)) return
    this.#hold(() => this.#peer.receive(message))
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  #write(message: ServerMessage): void {
    if (this.#socket.bufferedAmount > maxUnsentBytes) return this.#socket.terminate()
    if (!this.isPlain || plainMessages.has(message.type)) this.#socket.send(encodeSignal(message))
  }

  /** A violation of the protocol is a fault, whoever committed it. */
  #hold(act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error
      this.#isViolated = true
      this.#events.fault(error.code, error.message)
    }
  }
}

function wsFaultCode(code: string): string {
  return code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'too-long' : 'malformed'
}
