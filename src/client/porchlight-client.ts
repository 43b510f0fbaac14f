import { Backoff } from '../kernel/backoff.ts'
import type { Timer } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { Ending, type Closable, type End } from '../kernel/ending.ts'
import { Writable, type Readable, type Unsubscribe } from '../kernel/readable.ts'
import type { InputMessage } from '../wire/input/input-message.ts'
import type { ClientMessage, Place, ServerMessage } from '../wire/signal/messages.ts'
import { ClientError, isFinal } from './client-error.ts'
import { reconnectionPolicy, type ClientOptions, type ReconnectionPolicy, type StartOptions } from './client-options.ts'
import {
  next,
  type ConnectionEvent,
  type ConnectionState,
  type ConnectionStatus,
} from './connection/connection-state.ts'
import { LobbyWish } from './connection/lobby-wish.ts'
import { openPeer, type Peer } from './connection/peer.ts'
import { openSignalSocket, type Role, type SessionTicket, type SignalSocket } from './connection/signal-socket.ts'
import { Emitter } from './emitter.ts'
import { browserEnvironment, type ClientEnvironment } from './environment.ts'
import { InputSender } from './input/input-sender.ts'
import { Playback } from './playback.ts'
import { sampleStats } from './stats/sample-stats.ts'
import type { HostStats, ViewerStats } from './stats/viewer-stats.ts'

export interface ClientEvents {
  stateChange: [state: ConnectionStatus]
  /** Retry number `attempt` of at most `maxAttempts` waits for its turn. */
  reconnecting: [attempt: number, maxAttempts: number]
  place: [place: Place]
  stats: [stats: ViewerStats]
  /** A failed try, a loss, or an `error` message of the host. */
  error: [error: ClientError]
}

const nowhere: Place = { kind: 'waiting-room', reason: 'Connecting' }
/** After a wake-up a connection that still stands answers within this, or it does not stand. */
const wakeProbeMs = 2000

/** A viewer's connection to a host: finds its way in, stays, and comes back by itself (seed 003). */
export class PorchlightClient implements Closable {
  readonly #options: ClientOptions
  readonly #env: ClientEnvironment
  readonly #policy: ReconnectionPolicy
  readonly #backoff: Backoff
  readonly #emitter = new Emitter<ClientEvents>()
  readonly #place = new Writable<Place>(nowhere)
  readonly #stats = new Writable<ViewerStats | undefined>(undefined)
  readonly #wish = new LobbyWish((message) => this.#tell(message))
  readonly #playback = new Playback()
  readonly #input: InputSender
  readonly #ending: Ending
  readonly #started = Promise.withResolvers<void>()
  #state: ConnectionState = { status: 'disconnected' }
  #session: SessionTicket | undefined
  #role: Role | undefined
  #hostStats: HostStats | undefined
  #attempt: AbortController | undefined
  #socket: SignalSocket | undefined
  #peer: Peer | undefined
  #retryTimer: Timer | undefined
  #statsTimer: Timer | undefined
  #stopWaking: Unsubscribe = () => {}

  constructor(options: ClientOptions) {
    this.#options = options
    this.#env = { ...browserEnvironment, ...options.environment }
    this.#policy = reconnectionPolicy(options.reconnection)
    this.#backoff = new Backoff(this.#policy, this.#env.clock, this.#env.random)
    this.#input = new InputSender(this.#env.clock)
    this.#ending = new Ending(() => this.#release())
    // Whoever awaits `start` gets the error; nobody has to.
    this.#started.promise.catch(() => {})
  }

  get state(): ConnectionStatus {
    return this.#state.status
  }

  /** Why the state is `reconnecting` or `failed`. */
  get cause(): ClientError | undefined {
    return 'cause' in this.#state ? this.#state.cause : undefined
  }

  /** For `start({ sessionId, resumeToken })` after the page was loaded again. */
  get currentSessionId(): string | undefined {
    return this.#session?.id
  }

  /** Secret; good for one use, replaced at each connection. */
  get currentResumeToken(): string | undefined {
    return this.#session?.resumeToken
  }

  get role(): Role | undefined {
    return this.#role
  }

  /** Where the session is: in a lobby, or in the waiting room with the reason. */
  get place(): Readable<Place> {
    return this.#place
  }

  /** Measured while connected, once a second unless told otherwise. */
  get stats(): Readable<ViewerStats | undefined> {
    return this.#stats
  }

  get closed(): Promise<End> {
    return this.#ending.closed
  }

  on<Name extends keyof ClientEvents>(name: Name, listener: (...args: ClientEvents[Name]) => void): Unsubscribe {
    return this.#emitter.on(name, listener)
  }

  /** Connects. Resolves when media flows for the first time; rejects with a ClientError when that will never be. */
  async start(options: StartOptions = {}): Promise<void> {
    if (this.#state.status !== 'disconnected') {
      throw new ClientError('invalid-state', `Cannot start: the client is ${this.#state.status}, wanted disconnected`)
    }
    if (options.sessionId !== undefined) this.#session = { id: options.sessionId, resumeToken: options.resumeToken }
    if (options.lobbyId !== undefined) this.#wish.want(options.lobbyId)
    this.#stopWaking = this.#env.onWake(() => this.#wake())
    this.#dispatch({ type: 'start' })
    void this.#connect()
    await this.#started.promise
  }

  /**
   * Enters a lobby, now and after every reconnection. Resolves when the host has put the session there, be it into its
   * waiting room; rejects with the host's refusal, or when the client ends before.
   */
  join(lobbyId: string): Promise<void> {
    return this.#wish.join(lobbyId)
  }

  /** Back to the waiting room. */
  leave(): void {
    this.#wish.leave()
  }

  /** Limits what the host sends to this viewer, in bits a second; 0 for no limit of its own. */
  limit(bitrateBps: number): void {
    this.#tell({ type: 'limit', bitrateBps })
  }

  /** Sends keyboard, pointer or wheel input; false when it was dropped because there is no connection. */
  send(message: InputMessage): boolean {
    return this.#input.send(message)
  }

  /** Plays picture and sound in an element, through every reconnection, until the returned function is called. */
  attach(element: HTMLVideoElement): Unsubscribe {
    return this.#playback.attach(element)
  }

  /** Leaves for good: the session ends on the host too. */
  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #dispatch(event: ConnectionEvent): void {
    const state = next(this.#state, event)
    if (state === this.#state) return
    this.#state = state
    if (state.status === 'failed') this.#dropAll(state.cause)
    this.#emitter.emit('stateChange', state.status)
  }

  /** False when there is nobody to tell now. */
  #tell(message: ClientMessage): boolean {
    this.#socket?.send(message)
    return this.#socket !== undefined
  }

  /** One try. A signalling conversation that still stands is used again. */
  async #connect(): Promise<void> {
    if (this.#state.status !== 'connecting') return
    const attempt = new AbortController()
    this.#attempt = attempt
    const { clock, createPeer, videoCodecs } = this.#env
    const timeoutMs = this.#options.connectTimeoutMs ?? 15_000
    const timer = clock.after(timeoutMs, () => {
      attempt.abort(new ClientError('timeout', `No media within ${timeoutMs} ms`))
    })
    const peer = openPeer({
      clock,
      createPeer,
      videoCodecs: videoCodecs(),
      send: (message) => this.#tell(message),
    })
    this.#peer = peer
    attempt.signal.addEventListener('abort', () => void peer.close('given up'))
    try {
      const socket = this.#socket ?? (await this.#greet(attempt.signal))
      await peer.offer(socket.welcome.iceServers)
      await peer.ready
      if (this.#attempt === attempt) this.#connected(socket, peer)
    } catch (error) {
      if (this.#attempt === attempt) this.#lost(attempt.signal.aborted ? attempt.signal.reason : error)
    } finally {
      timer.cancel()
    }
  }

  async #greet(signal: AbortSignal): Promise<SignalSocket> {
    const { clock, createSocket } = this.#env
    const resume = this.#session
    const { signallingUrl: url, token } = this.#options
    const onMessage = (message: ServerMessage) => this.#receive(message)
    const socket = await openSignalSocket({ url, token, resume, clock, createSocket, onMessage }, signal)
    this.#socket = socket
    this.#session = socket.welcome.session
    this.#role = socket.welcome.role
    this.#wish.greeted(socket.welcome.recovered)
    void socket.closed.then((end) => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      if (end.kind === 'error') this.#lost(end.error)
    })
    return socket
  }

  #connected(socket: SignalSocket, peer: Peer): void {
    this.#backoff.succeeded()
    this.#input.connect(peer.keys, peer.pointer)
    this.#playback.play(peer.video.track, peer.audio.track)
    void peer.closed.then((end) => {
      if (this.#peer === peer && end.kind === 'error') this.#lost(end.error)
    })
    this.#statsTimer = sampleStats({
      clock: this.#env.clock,
      periodMs: this.#options.statsPeriodMs ?? 1000,
      connection: peer.connection,
      beside: () => ({ host: this.#hostStats, signallingRoundTripMs: socket.roundTripMs }),
      onStats: (stats) => {
        this.#stats.set(stats)
        this.#emitter.emit('stats', stats)
      },
    })
    this.#dispatch({ type: 'ready', sessionId: socket.welcome.session.id })
    this.#started.resolve()
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'signal':
      case 'candidate':
        void this.#peer?.accept(message)
        return
      case 'place':
        this.#place.set(message.place)
        this.#wish.arrived(message.place)
        this.#emitter.emit('place', message.place)
        return
      case 'error': {
        const error = new ClientError('host-error', message.message, { hostCode: message.code })
        if (!this.#wish.refused(error)) this.#emitter.emit('error', error)
        return
      }
      case 'stats': {
        const { type: _, ...stats } = message
        this.#hostStats = stats
        return
      }
      default:
        return
    }
  }

  /** A try failed, or what was connected was lost. */
  #lost(error: unknown): void {
    const { status } = this.#state
    if (status !== 'connecting' && status !== 'connected') return
    const cause =
      error instanceof ClientError ? error : new ClientError('media-lost', messageOf(error), { cause: error })
    this.#dropPeer(cause)
    this.#emitter.emit('error', cause)
    const { maxRetries } = this.#policy
    if (status === 'connecting' && (isFinal(cause) || maxRetries === 0))
      return this.#dispatch({ type: 'refused', cause })
    const delayMs = this.#backoff.failed()
    const retry = this.#backoff.attempt
    this.#dispatch({ type: 'lost', cause, retry })
    if (isFinal(cause) || retry > maxRetries) return this.#dispatch({ type: 'exhausted' })
    // A listener may have closed the client meanwhile.
    if (this.#ending.begun) return
    this.#retryTimer = this.#env.clock.after(delayMs, () => this.#retry())
    this.#emitter.emit('reconnecting', retry, maxRetries)
  }

  #retry(): void {
    this.#retryTimer?.cancel()
    if (this.#state.status !== 'reconnecting') return
    this.#dispatch({ type: 'retry' })
    void this.#connect()
  }

  /** The network is back or somebody looks again: no more waiting. */
  #wake(): void {
    if (this.#state.status === 'reconnecting') this.#retry()
    else this.#socket?.probe(wakeProbeMs)
  }

  #dropPeer(reason: ClientError): void {
    const peer = this.#peer
    const attempt = this.#attempt
    this.#peer = undefined
    this.#attempt = undefined
    this.#statsTimer?.cancel()
    this.#input.disconnect()
    attempt?.abort(reason)
    void peer?.close(reason.message)
  }

  #dropAll(reason: ClientError): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#dropPeer(reason)
    this.#retryTimer?.cancel()
    this.#stopWaking()
    this.#wish.refused(reason)
    this.#started.reject(reason)
    void socket?.close(reason.message)
  }

  #release(): void {
    this.#tell({ type: 'bye' })
    this.#dropAll(new ClientError('closed', 'The client was closed'))
    this.#playback.close()
    this.#dispatch({ type: 'close' })
  }
}
