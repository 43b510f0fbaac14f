import { Backoff } from '../../kernel/backoff.ts'
import type { Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { planConversation } from '../../kernel/monitor/conversation.ts'
import type { ClientMessage, IceServer } from '../../wire/signal/messages.ts'
import { signalling } from '../../wire/signal/protocol.ts'
import { knownSignalling } from '../../wire/signal/versions.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import { reportUncaught } from '../contract/report-uncaught.ts'
import { ClientError, isFinal } from '../contract/client-error.ts'
import type { ReconnectionPolicy } from '../environment/client-options.ts'
import type { ClientEnvironment } from '../environment/environment.ts'
import { next, type ConnectionEvent, type ConnectionState } from './connection-state.ts'
import { Doubt, interruptionMs } from './doubt.ts'
import { MediaPaths, type Carried } from './media-paths.ts'
import { Reachability } from './reachability.ts'
import { SignalSocket, type PassedOn, type SessionTicket, type Welcome } from './signal-socket.ts'
import type { SignallingTarget } from './signalling-target.ts'

/** What a connection tells its owner. */
export interface ConnectionListener {
  /** Called before what belonged to the state before is taken down. */
  state(state: ConnectionState): void
  /** Signalling stands (again), media not yet. */
  greeted(welcome: Welcome): void
  /** Media comes, first or from now on another way; undefined when none comes for the moment. */
  carried(carried: Carried | undefined, socket: SignalSocket): void
  /** No media comes any more. */
  disconnected(): void
  /** Nobody is there to be told anything. */
  unsignalled(): void
  /** A try failed, or what was connected was lost. */
  error(error: ClientError): void
  /** Retry number `attempt` begins in `delayMs`. */
  reconnecting(attempt: number, maxAttempts: number, delayMs: number): void
  message(message: PassedOn): void
}

export interface ConnectionOptions {
  readonly target: SignallingTarget
  /** Used beside those that the host tells. */
  readonly iceServers: readonly IceServer[]
  /** False: signalling is all that is wanted. */
  readonly wantsMedia: boolean
  readonly policy: ReconnectionPolicy
  /** How long one try may take. */
  readonly timeoutMs: number
  readonly environment: ClientEnvironment
  readonly listener: ConnectionListener
}

/**
 * Drives {@link ConnectionState}: makes one try after the other and keeps what each state owns. A signalling
 * conversation that outlives its media path carries the next offer; a new one asks for the session that was lost.
 */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #plan = planConversation(signalling, 'client')
  readonly #versions = knownSignalling()
  readonly #reachability: Reachability
  readonly #doubt: Doubt<SignalSocket>
  readonly #isHostThere = new Writable(false, reportUncaught)
  #backoff: Backoff
  #state: ConnectionState = { status: 'disconnected' }
  #session: SessionTicket | undefined
  #attempt: AbortController | undefined
  /** Not greeted yet. */
  #dialling: SignalSocket | undefined
  #socket: SignalSocket | undefined
  #paths: MediaPaths | undefined
  #retryTimer: Timer | undefined
  /** Somebody answered at the door, and let nobody in. */
  #wasMisled = false

  constructor(options: ConnectionOptions) {
    const { environment, target } = options
    this.#options = options
    this.#backoff = this.#newBackoff()
    const address = target.url.replace('ws', 'http')
    this.#reachability = new Reachability({
      clock: environment.clock,
      knock: (signal) => environment.knock(address, signal),
      onAnswer: () => this.#answered(),
    })
    this.#doubt = new Doubt({
      clock: environment.clock,
      isFlowing: () => this.#paths?.isFlowing === true,
      onAnswer: (socket, interrupted) => this.#stands(socket, interrupted),
      onDead: (socket) => void this.#died(socket),
    })
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Signalling stands, and has answered since media was lost. */
  get isHostThere(): Readable<boolean> {
    return this.#isHostThere
  }

  /** The session of the last greeting, or the one to begin with. */
  get session(): SessionTicket | undefined {
    return this.#session
  }

  /** Begins, or begins anew after a failure; with a session to ask for if there was one before. */
  start(session: SessionTicket | undefined): void {
    // A listener that hears of the failure may begin anew before it is all taken down.
    this.#dropAll(new ClientError('superseded', 'The client was started anew'))
    this.#session = session ?? this.#session
    this.#backoff = this.#newBackoff()
    this.#wasMisled = false
    this.#dispatch({ type: 'start' })
    void this.#try()
  }

  /** False when there is nobody to tell now. */
  tell(message: ClientMessage): boolean {
    this.#socket?.say(message)
    return this.#socket !== undefined
  }

  /** The network is back or somebody looks again: no more waiting. */
  wake(): void {
    if (this.#state.status === 'reconnecting') return this.#retry()
    this.#dialling?.redial()
    this.doubt()
    this.#paths?.wake()
  }

  /** What stands may stand no more: it is asked, and so is the host beside it. */
  doubt(): void {
    const socket = this.#socket
    if (!socket) return
    if (!this.#wasMisled) this.#reachability.begin()
    void this.#doubt.ask(socket)
  }

  /** Ends it: says `bye` and takes everything down. Idempotent. */
  close(): void {
    // Also where a lost session was just asked for: nobody comes back to it.
    const socket = this.#socket ?? this.#dialling
    socket?.say({ type: 'bye' })
    this.#dispatch({ type: 'close' })
  }

  #newBackoff(): Backoff {
    const { policy, environment } = this.#options
    return new Backoff(policy, environment.clock, environment.random)
  }

  #dispatch(event: ConnectionEvent): void {
    const state = next(this.#state, event)
    if (state === this.#state) return
    this.#state = state
    this.#options.listener.state(state)
    if (this.#state !== state) return
    if (state.status === 'failed') this.#dropAll(state.cause)
    if (state.status === 'closed') this.#dropAll(new ClientError('closed', 'The client was closed'))
  }

  async #try(): Promise<void> {
    if (this.#state.status !== 'connecting') return
    const { timeoutMs, environment, wantsMedia } = this.#options
    const attempt = new AbortController()
    const paths = wantsMedia ? this.#openPaths() : undefined
    const timer = environment.clock.after(timeoutMs, () => {
      const error = new ClientError('timeout', `No ${wantsMedia ? 'media' : 'answer'} within ${timeoutMs} ms`)
      attempt.abort(paths?.explain(error) ?? error)
    })
    attempt.signal.addEventListener('abort', () => void paths?.close('given up'))
    this.#attempt = attempt
    this.#paths = paths
    try {
      const socket = this.#socket ?? (await this.#greet(attempt.signal))
      const welcome = await socket.greeted(attempt.signal)
      paths?.begin(welcome, socket.iceServers)
      await paths?.ready
      if (this.#attempt !== attempt) return
      this.#backoff.succeeded()
      this.#wasMisled = false
      void paths?.closed.then((end) => {
        if (this.#paths === paths && end.kind === 'error') this.#lost(end.error)
      })
      this.#dispatch({ type: 'ready', sessionId: welcome.session.id })
    } catch (error) {
      if (this.#attempt === attempt) this.#lost(attempt.signal.aborted ? attempt.signal.reason : error)
    } finally {
      timer.cancel()
    }
  }

  #openPaths(): MediaPaths {
    const { environment, target, iceServers, listener } = this.#options
    const paths: MediaPaths = new MediaPaths({
      environment,
      mediaUrl: target.mediaUrl,
      iceServers,
      send: (message) => void this.tell(message),
      isNegotiating: () => this.#socket?.isNegotiating === true,
      awaitsTicket: () => this.#socket?.awaitsTicket === true,
      isAnswering: () => this.#socket !== undefined && (this.#socket.unansweredMs ?? 0) < interruptionMs,
      onCarried: (carried) => {
        if (this.#paths === paths && this.#socket) listener.carried(carried, this.#socket)
      },
      onDoubt: () => this.doubt(),
    })
    return paths
  }

  async #greet(signal: AbortSignal): Promise<SignalSocket> {
    const { target, environment, listener } = this.#options
    const { clock, createSocket } = environment
    const socket = new SignalSocket({
      url: target.url,
      token: target.token,
      resume: this.#session,
      plan: this.#plan,
      versions: this.#versions,
      clock,
      createSocket,
      onMessage: (message) => this.#receive(message),
    })
    this.#dialling = socket
    const isRetry = this.#state.status === 'connecting' && this.#state.retry > 0
    if (isRetry && !this.#wasMisled) this.#reachability.begin()
    const welcome = await socket.greeted(signal)
    this.#reachability.stop()
    this.#dialling = undefined
    this.#socket = socket
    this.#session = welcome.session
    this.#isHostThere.set(true)
    void socket.closed.then((end) => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.#isHostThere.set(false)
      listener.unsignalled()
      if (end.kind === 'error') this.#lost(end.error)
      this.#listenAtTheDoor()
    })
    listener.greeted(welcome)
    return socket
  }

  #receive(message: PassedOn): void {
    if (message.type === 'signal' || message.type === 'candidate') {
      return this.#paths?.accept(message)
    }
    if (message.type === 'ice-servers') return this.#paths?.renew(message.iceServers)
    if (message.type === 'web-media-ticket' || message.type === 'web-media-refused') {
      return this.#paths?.acceptTicket(message)
    }
    if (message.type === 'offer-refused') {
      return this.#paths?.peerFailed(new ClientError('host-error', message.message, { hostCode: message.code }))
    }
    this.#options.listener.message(message)
    // The host noticed first.
    if (message.type === 'error' && message.code === 'media-lost') {
      this.#paths?.peerFailed(new ClientError('media-lost', message.message))
    }
  }

  #lost(error: unknown): void {
    const { status } = this.#state
    if (status === 'reconnecting' && error instanceof ClientError && isFinal(error)) return this.#giveUp(error)
    if (status !== 'connecting' && status !== 'connected') return
    const { policy, environment, listener } = this.#options
    const cause = this.#namedCause(error)
    const delayMs = this.#backoff.failed()
    const retry = this.#backoff.attempt
    const isRefused = status === 'connecting' && (isFinal(cause) || policy.maxRetries === 0)
    this.#reachability.stop()
    if (isRefused) {
      this.#dispatch({ type: 'refused', cause })
      return listener.error(cause)
    }
    // Not known, until what stands has answered.
    this.#isHostThere.set(false)
    this.#dispatch({ type: 'lost', cause, retry })
    this.#dropPaths(cause)
    // Its answer would come to the next offer, or none could be made.
    if (this.#socket?.isNegotiating) this.#dropSocket(cause)
    listener.error(cause)
    // A listener may have closed the client meanwhile.
    if (this.state.status !== 'reconnecting') return
    if (isFinal(cause) || retry > policy.maxRetries) {
      return this.#dispatch({ type: 'exhausted', cause })
    }
    this.#retryTimer = environment.clock.after(delayMs, () => this.#retry())
    listener.reconnecting(retry, policy.maxRetries, delayMs)
    // What took the media may have taken signalling as well, which would notice much later.
    this.doubt()
    this.#listenAtTheDoor()
  }

  #namedCause(error: unknown): ClientError {
    if (!(error instanceof ClientError)) return new ClientError('media-lost', messageOf(error), { cause: error })
    const isUnopened = this.#dialling !== undefined && !this.#dialling.hasOpened
    const isSilent = error.code === 'signalling-lost' || error.code === 'timeout'
    return this.#wasMisled && isUnopened && isSilent ? blocked(error) : error
  }

  /** Waits for the host as well as for the delay to be over. */
  #listenAtTheDoor(): void {
    if (this.#state.status === 'reconnecting' && !this.#socket && !this.#wasMisled) this.#reachability.begin()
  }

  /** The media path was lost before the host could say why: no try can help. */
  #giveUp(cause: ClientError): void {
    this.#dispatch({ type: 'exhausted', cause })
    this.#options.listener.error(cause)
  }

  #retry({ byAnswer = false } = {}): void {
    this.#retryTimer?.cancel()
    this.#reachability.stop()
    if (this.#state.status !== 'reconnecting') return
    this.#wasMisled = byAnswer
    this.#dispatch({ type: 'retry' })
    void this.#try()
    this.doubt()
  }

  #stands(socket: SignalSocket, interrupted: boolean): void {
    if (this.#socket !== socket) return
    this.#reachability.stop()
    this.#isHostThere.set(true)
    if (!interrupted) return
    if (this.#state.status === 'reconnecting') this.#retry()
    else this.#paths?.wake()
  }

  /** Somebody is there (again): no more waiting, unless the last time it was of no use. */
  #answered(): void {
    if (this.#socket) return this.#doubt.judge(this.#socket)
    if (this.#state.status !== 'reconnecting') return this.#dialling?.redial()
    this.#retry({ byAnswer: true })
  }

  async #died(socket: SignalSocket): Promise<void> {
    if (this.#socket !== socket) return
    await socket.fail(new ClientError('signalling-lost', 'The host answers, but no longer by this connection'))
    this.#retry({ byAnswer: true })
  }

  #dropPaths(reason: ClientError): void {
    const paths = this.#paths
    const attempt = this.#attempt
    this.#paths = undefined
    this.#attempt = undefined
    this.#dialling = undefined
    attempt?.abort(reason)
    void paths?.close(reason.message)
    if (paths) this.#options.listener.disconnected()
  }

  #dropSocket(reason: ClientError): void {
    const socket = this.#socket
    this.#socket = undefined
    if (!socket) return
    void socket.close(reason.message)
    this.#isHostThere.set(false)
    this.#options.listener.unsignalled()
  }

  #dropAll(reason: ClientError): void {
    this.#dropPaths(reason)
    this.#dropSocket(reason)
    this.#retryTimer?.cancel()
    this.#doubt.close()
    this.#reachability.close()
  }
}

/** Somebody at the host's address has answered a request just before. */
function blocked(cause: ClientError): ClientError {
  const message =
    'The host answers, but WebSockets to it do not open: a proxy in between has to pass them on ' +
    '(for nginx: proxy_http_version 1.1, with the headers Upgrade and Connection)'
  return new ClientError('websockets-blocked', message, { cause })
}
