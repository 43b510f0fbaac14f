import { signalCloseCode } from '../wire/signal/messages.ts'
import { goingAway, type Pipe, type PipeEnd, type PipeListener, type PipeMessage } from '../kernel/pipe.ts'
import type { ChannelEnd } from '../wire/native/sealed-message.ts'
import { ChannelStream } from './channel-stream.ts'
import type { StreamFrame } from './link/protocol.ts'
import type { ViewerRun } from './viewer-run.ts'

/** Who has opened a channel of the native transport, as far as its handshake has proved it. */
export interface ChannelFacts {
  /** Of the process that it lives in. */
  readonly id: number
  readonly publicKey: Uint8Array
  /** By which those who try too often are told apart: an IP address. */
  readonly origin: string
  /** For operators. */
  readonly path: string
}

/** What the codes of RFC 6455 and of signalling are on a channel; all others are a refusal. */
const causes: Readonly<Record<number, ChannelEnd>> = {
  1000: 'closed',
  [goingAway]: 'going-away',
  [signalCloseCode.protocolViolation]: 'protocol-violation',
  [signalCloseCode.flood]: 'protocol-violation',
  [signalCloseCode.sessionEnded]: 'closed',
}
/** What a channel that the peer has ended is as the end of a pipe. */
export function codeOf(cause: ChannelEnd): number | undefined {
  return Object.entries(causes)
    .find(([, each]) => each === cause)
    ?.map(Number)[0]
}

/** Of what has come before anybody listened. */
const mostEarly = 16

/**
 * The server's end of a channel that lives in the viewer process: its first pipe. It ends with the channel, by either end, or with the
 * process.
 */
export class RemoteChannel implements Pipe {
  readonly facts: ChannelFacts
  readonly closed: Promise<PipeEnd>
  /** What is sent waits in the process, which ends a channel that takes nothing. */
  readonly buffered = 0
  /** Takes each stream that the client opens for a request; without anybody they are refused. */
  onRequest: (stream: ChannelStream) => void = (stream) => stream.destroy()
  readonly #run: Pick<ViewerRun, 'send' | 'message' | 'stream'>
  readonly #streams = new Map<number, ChannelStream>()
  readonly #settle: (end: PipeEnd) => void
  #listener: PipeListener | undefined
  #early: PipeMessage[] = []
  #isOpen = true

  constructor(facts: ChannelFacts, run: Pick<ViewerRun, 'send' | 'message' | 'stream'>) {
    const { promise, resolve } = Promise.withResolvers<PipeEnd>()
    this.facts = facts
    this.closed = promise
    this.#run = run
    this.#settle = resolve
  }

  get open(): boolean {
    return this.#isOpen
  }

  listen(listener: PipeListener): void {
    this.#listener = listener
    for (const message of this.#early.splice(0)) listener.message(message)
  }

  send(message: PipeMessage): void {
    if (this.#isOpen) this.#run.message({ channel: this.facts.id, message })
  }

  pause(): void {
    this.#listener = undefined
  }

  close(code: number | undefined, reason: string): void {
    if (!this.#isOpen) return
    // Without a code nobody is thought to be there any more.
    const cause = code === undefined ? 'silent' : (causes[code] ?? 'refused')
    this.#run.send({ type: 'end-channel', channel: this.facts.id, cause, reason: reason.slice(0, 200) })
    this.over({ code })
  }

  /** Something came. */
  hear(message: PipeMessage): void {
    if (!this.#isOpen) return
    if (this.#listener) this.#listener.message(message)
    else if (this.#early.length < mostEarly) this.#early.push(message)
  }

  /** Something came on a stream. */
  hearStream(frame: StreamFrame): void {
    if (!this.#isOpen) return
    if (frame.kind === 'open') this.#openStream(frame.stream)
    else this.#streams.get(frame.stream)?.hear(frame)
  }

  /** The channel is gone. */
  over(end: PipeEnd): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#early = []
    for (const stream of this.#streams.values()) stream.destroy()
    this.#settle(end)
  }

  #openStream(id: number): void {
    const { id: channel, origin: remoteAddress } = this.facts
    const send = (kind: StreamFrame['kind'], data: Uint8Array) => {
      if (this.#isOpen) this.#run.stream({ channel, stream: id, kind, data })
    }
    const stream = new ChannelStream({ remoteAddress, send })
    this.#streams.set(id, stream)
    stream.once('close', () => this.#streams.delete(id))
    this.onRequest(stream)
  }
}
