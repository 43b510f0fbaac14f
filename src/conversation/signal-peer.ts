import type { Clock } from '../kernel/clock.ts'
import { CodedError, messageOf } from '../kernel/coded-error.ts'
import { ConversationPeer } from '../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../kernel/monitor/protocol-violation.ts'
import type { ContentsOf, WordsOf } from '../kernel/monitor/typed-conversation.ts'
import { TokenBucket } from '../kernel/token-bucket.ts'
import { decodeClientMessage, encodeSignal } from '../wire/signal/codec.ts'
import { plainMessages, type ClientMessage, type ServerMessage } from '../wire/signal/messages.ts'
import { signalling } from '../wire/signal/protocol.ts'
import type { SignalHandlers, Speech } from './contract/lane.ts'
import type { Pipe, PipeEnd, PipeMessage } from '../kernel/pipe.ts'
import type { SignalMonitor } from './signal-monitor.ts'

type HostWords = WordsOf<typeof signalling, 'host'>

export interface SignalPeerOptions {
  readonly pipe: Pipe
  readonly clock: Clock
  readonly watch: SignalMonitor
  /** The client knows the messages of seed 003 and is told nothing else. */
  readonly isPlain: boolean
  /** A message of a plain client, before its order counts; true when it is dealt with. */
  readonly onPlain: (message: ClientMessage) => boolean
  /** What came cannot be a message, may not come now, or came too fast. */
  readonly onFault: (code: string, message: string) => void
  /** The pipe is gone. */
  readonly onGone: (end: PipeEnd) => void
}

const messageLimit = { perSecond: 50, burst: 200 }
/** Whoever does not read what he is told for so long is gone. */
const maxUnsentBytes = 512 * 1024

/** The host's end of signalling on a pipe: decodes what comes, limits its rate, and holds both ends to the protocol. */
export class SignalPeer implements Speech {
  readonly #options: SignalPeerOptions
  readonly #limit: TokenBucket
  readonly #peer: ConversationPeer<typeof signalling, 'host'>
  /** After a violation: what is said then is said outside the protocol. */
  #isViolated = false

  constructor(options: SignalPeerOptions) {
    const { watch, clock } = options
    this.#options = options
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
  }

  /** Begins to hear. */
  listen(handlers: SignalHandlers): void {
    const { pipe, onFault, onGone } = this.#options
    this.#peer.on(handlers)
    pipe.listen({ message: (message) => this.#receive(message), fault: onFault })
    void pipe.closed.then(onGone)
  }

  may(label: keyof HostWords): boolean {
    return this.#options.watch.may('sent', label)
  }

  /** Sends a message of that label. Dropped when the pipe is gone, or going. */
  send<Label extends keyof HostWords>(label: Label, ...contents: ContentsOf<HostWords[Label]>): void {
    if (this.#options.pipe.open) this.#hold(() => this.#peer.send(label, ...contents))
  }

  say(message: ServerMessage): void {
    if (this.#options.pipe.open) this.#hold(() => this.#peer.say(message))
  }

  /** Answers what was said beside the protocol. */
  sendAside(message: ServerMessage): void {
    this.#options.pipe.send(encodeSignal(message))
  }

  #receive(data: PipeMessage): void {
    const { pipe, clock, isPlain, onFault, onPlain } = this.#options
    // Messages still come while the pipe is being closed.
    if (!pipe.open) return
    if (!this.#limit.take(clock.nowMs())) {
      // What else it has sent is not even read.
      pipe.pause()
      return onFault('flood', 'Too many messages')
    }
    if (typeof data !== 'string') return onFault('malformed', 'Signalling is text, a binary message came')
    let message: ClientMessage
    try {
      message = decodeClientMessage(data)
    } catch (error) {
      // The server of seed 003 ignores what it does not know, and takes things that are not for this one.
      if (isPlain && error instanceof CodedError && error.code === 'unknown-type') return
      return onFault(error instanceof CodedError ? error.code : 'malformed', messageOf(error))
    }
    if (isPlain && onPlain(message)) return
    this.#hold(() => this.#peer.receive(message))
  }

  #write(message: ServerMessage): void {
    const { pipe, isPlain } = this.#options
    if (pipe.buffered > maxUnsentBytes) return pipe.close(undefined, 'What it is told is not read')
    if (!isPlain || plainMessages.has(message.type)) pipe.send(encodeSignal(message))
  }

  /** A violation of the protocol is a fault, whoever committed it. */
  #hold(act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error
      this.#isViolated = true
      this.#options.onFault(error.code, error.message)
    }
  }
}
