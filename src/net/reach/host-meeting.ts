import { Backoff } from '../../kernel/backoff.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { receiver } from '../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import type { TypedMonitor } from '../../kernel/monitor/typed-conversation.ts'
import type { Pipe, PipeMessage } from '../../kernel/pipe.ts'
import { decodeRendezvousHost, encodeRendezvous, rendezvous } from '../../wire/reach/protocol.ts'
import type { ReachSignal } from '../../wire/reach/signals.ts'
import { WireError } from '../../wire/wire-error.ts'
import { NativeError } from '../native/native-error.ts'
import type { PathNews } from '../paths/path-finder.ts'
import type { ReachPort } from './reach-port.ts'
import type { Reach } from './reach.ts'
import { Tunnel } from './tunnel.ts'

export interface HostMeetingOptions {
  readonly port: ReachPort
  /** The host's public key, as its link tells it. */
  readonly hostKey: Uint8Array
  /** Opens a WebSocket of the host's web port, with `rendezvousSubprotocol`. What it rejects with is told. */
  readonly connect: () => Promise<Pipe>
  /** For people: `https://host.example:8080`. */
  readonly where: string
  readonly clock: Clock
  /** Uniform in [0, 1), for the spread of retries. */
  readonly random: () => number
  readonly onNews?: (news: PathNews) => void
  /** 15 s unless given. */
  readonly withinMs?: number
}

const plan = planConversation(rendezvous, 'client')
const usualLimitMs = 15_000
const again = { baseDelayMs: 250, maxDelayMs: 10_000, jitterFactor: 0.3, healthyAfterMs: 30_000 }
/** What waits in the socket is late; sealed packets can be lost, and their sender hears of it. */
const mostUnsentBytes = 256 * 1024
const protocolViolation = 4400

/** What a host, or the gateway that it is looked for at, refuses with. */
const errorOf: Readonly<Record<string, NativeError['code']>> = {
  busy: 'busy',
  full: 'busy',
  closed: 'closed',
  'not-registered': 'not-registered',
  'host-away': 'away',
  'no-answer': 'away',
}
/** What says nothing of what was begun with the host. */
const isOfGateway: ReadonlySet<string> = new Set(['busy', 'full', 'not-registered', 'host-away', 'no-answer'])

interface Socket {
  readonly pipe: Pipe
  readonly watch: TypedMonitor<typeof rendezvous, 'client'>
  /** The host has answered: packets may go. */
  isMet: boolean
}

/**
 * A client's way to a host through the host's web port: signalling about paths, and a tunnel for packets when there is no other. The
 * WebSocket is opened again when it is cut; what runs over the reach goes on by other paths meanwhile.
 */
export class HostMeeting implements Disposable {
  readonly reach: Reach
  readonly #options: HostMeetingOptions
  readonly #tunnel: Tunnel
  readonly #backoff: Backoff
  readonly #met = Promise.withResolvers<void>()
  /** What the host has not heard, for want of a socket. */
  #unsaid: ReachSignal[] = []
  #ticket: string | undefined
  #socket: Socket | undefined
  #timer: Timer | undefined
  #isRefused = false
  #isOver = false

  private constructor(options: HostMeetingOptions) {
    const { port, where, clock, random, onNews } = options
    this.#options = options
    this.#backoff = new Backoff(again, clock, random)
    this.#tunnel = new Tunnel({ where, origin: where, send: (bytes) => this.#packet(bytes) })
    this.reach = port.reach({
      isControlling: true,
      signal: (signal) => this.#signal(signal),
      onNetwork: () => this.#networkChanged(),
      ...(onNews && { onNews }),
    })
    this.reach.add(this.#tunnel)
  }

  /**
   * Resolves when the host has introduced itself; its reach is to be dialled then. Rejects with NativeError: `unreachable` when there is
   * no answer, `busy` or `closed` when the host says so.
   */
  static async open(options: HostMeetingOptions): Promise<HostMeeting> {
    const meeting = new HostMeeting(options)
    const { clock, where, withinMs = usualLimitMs } = options
    const timer = clock.after(withinMs, () =>
      meeting.#met.reject(
        new NativeError('unreachable', `Cannot meet the host at ${where}: it did not answer in time`),
      ),
    )
    try {
      await meeting.#connect()
      await meeting.#met.promise
      return meeting
    } catch (error) {
      meeting[Symbol.dispose]()
      if (error instanceof NativeError) throw error
      throw new NativeError('unreachable', `Cannot meet the host at ${where}: ${messageOf(error)}`, { cause: error })
    } finally {
      timer.cancel()
    }
  }

  /** The host knows nothing of it any more: what runs over it goes on while it can, and whoever begins something begins anew. */
  get isForgotten(): boolean {
    return this.#isRefused
  }

  /** Ends the reach, and what runs over it has no path any more. */
  [Symbol.dispose](): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#timer?.cancel()
    this.reach[Symbol.dispose]()
    this.#socket?.pipe.close(1000, '')
    this.#met.promise.catch(() => {})
    this.#met.reject(new NativeError('closed', 'This end is closing'))
  }

  async #connect(): Promise<void> {
    const pipe = await this.#options.connect()
    if (this.#isOver) return pipe.close(1000, '')
    const socket: Socket = { pipe, watch: new ConversationMonitor(plan), isMet: false }
    this.#socket = socket
    const hear = this.#hearing(socket)
    pipe.listen({
      message: (message) => this.#guard(socket, () => hear(message)),
      fault: (_code, message) => pipe.close(protocolViolation, message),
    })
    void pipe.closed.then(() => this.#cut(socket))
    if (this.#ticket !== undefined) {
      socket.watch.sent('return')
      pipe.send(encodeRendezvous({ type: 'return', ticket: this.#ticket }))
    }
    this.#sayUnsaid()
  }

  #hearing(socket: Socket): (message: PipeMessage) => void {
    const receive = receiver(rendezvous, 'client', socket.watch, {
      introduce: ({ ticket, ...signal }) => {
        this.#begun(socket, ticket)
        this.reach.hear(signal)
      },
      returned: ({ ticket }) => this.#begun(socket, ticket),
      refused: ({ code, message }) => this.#refused(code, message),
      candidates: (signal) => this.reach.hear(signal),
      relays: (signal) => this.reach.hear(signal),
      packet: (bytes) => this.reach.receive(bytes, this.#tunnel),
    })
    return (message) => {
      if (typeof message !== 'string') return receive('packet', message)
      const decoded = decodeRendezvousHost(message)
      receive(decoded.type, decoded as never)
    }
  }

  #begun(socket: Socket, ticket: string): void {
    this.#ticket = ticket
    socket.isMet = true
    this.#backoff.succeeded()
    this.#met.resolve()
    this.#sayUnsaid()
  }

  #refused(code: string, message: string): void {
    this.#met.reject(new NativeError(errorOf[code] ?? 'unreachable', `${this.#options.where} refuses: ${message}`))
    // What was begun is not known there any more: the paths that there are go on without signalling. Until the host itself says so, it may come
    // back to its gateway.
    this.#isRefused = this.#ticket === undefined || !isOfGateway.has(code)
    this.#socket?.pipe.close(1000, '')
  }

  #signal(signal: ReachSignal): void {
    if (this.#unsaid.length < 64) this.#unsaid.push(signal)
    this.#sayUnsaid()
  }

  #sayUnsaid(): void {
    const socket = this.#socket
    // Back on another socket, all else waits for the host to know it.
    if (!socket?.pipe.open || (this.#ticket !== undefined && !socket.isMet)) return
    for (const signal of this.#unsaid.splice(0)) {
      const message =
        signal.type === 'introduce'
          ? { ...signal, to: Buffer.from(this.#options.hostKey).toString('base64url') }
          : signal
      if (message.type === 'relays') continue
      socket.watch.sent(message.type)
      socket.pipe.send(encodeRendezvous(message))
    }
  }

  #packet(bytes: Uint8Array): boolean {
    const socket = this.#socket
    if (!socket?.isMet || !socket.pipe.open || socket.pipe.buffered > mostUnsentBytes) return false
    socket.watch.sent('packet')
    socket.pipe.send(bytes)
    return true
  }

  /** A host that breaks the protocol loses the socket; the channel over the reach is not its concern. */
  #guard({ pipe }: Socket, call: () => void): void {
    try {
      call()
    } catch (error) {
      if (!(error instanceof ProtocolViolation) && !(error instanceof WireError)) throw error
      pipe.close(protocolViolation, error.message)
    }
  }

  /** TCP would go on from an address that this machine has no more, for a quarter of an hour. Before the host has answered there is nothing to come back to. */
  #networkChanged(): void {
    if (this.#socket?.isMet) this.#socket.pipe.close(undefined, 'This machine is on another network')
  }

  #cut(socket: Socket): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    if (this.#isOver || this.#isRefused) return
    if (this.#ticket === undefined) {
      return this.#met.reject(new NativeError('unreachable', `The host at ${this.#options.where} hung up`))
    }
    this.#later()
  }

  #later(): void {
    this.#timer = this.#options.clock.after(this.#backoff.failed(), () => {
      this.#connect().catch(() => {
        if (!this.#isOver) this.#later()
      })
    })
  }
}
