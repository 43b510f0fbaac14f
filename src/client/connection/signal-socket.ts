import type { Role } from '../../domain/member.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable, type End } from '../../kernel/ending.ts'
import { ConversationMonitor, type ConversationPlan } from '../../kernel/monitor/conversation.ts'
import { ConversationPeer } from '../../kernel/monitor/conversation-peer.ts'
import type { KnownVersions } from '../../kernel/monitor/known-versions.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import { TimedMonitor } from '../../kernel/monitor/timed-monitor.ts'
import type { ContentsOf, Handlers, MissedBy, WordsOf } from '../../kernel/monitor/typed-conversation.ts'
import { decodeServerMessage, encodeSignal } from '../../wire/signal/codec.ts'
import {
  bearerSubprotocolPrefix,
  signalSubprotocol,
  versionSubprotocolPrefix,
  type ClientMessage,
  type IceServer,
  type ServerMessage,
} from '../../wire/signal/messages.ts'
import { pongLimitMs, resumableMs, signalling } from '../../wire/signal/protocol.ts'
import { ClientError, type ClientErrorCode } from '../contract/client-error.ts'
import type { SocketLike } from '../environment/environment.ts'
import { closeError } from './close-error.ts'
import { DialledSocket } from './dialled-socket.ts'
import { IceServers } from './ice-servers.ts'

/** A session as its client remembers it: what is needed to ask for it again. */
export interface SessionTicket {
  readonly id: string
  readonly resumeToken: string | undefined
}

/** How the host greeted this conversation. */
export interface Welcome {
  readonly session: SessionTicket
  /** `session` is the one that was asked for. */
  readonly isResumed: boolean
  /** True when it is where it was, too, with what it had. */
  readonly recovered: boolean
  readonly role: Role | undefined
  readonly memberId: string | undefined
  /** The host can send media through the web port. */
  readonly webMedia: boolean
  /** Media come by what carries the conversation, and no other way. */
  readonly native: boolean
}

/** Messages of the greeting and of keep-alive are not passed on. */
export type PassedOn = Exclude<ServerMessage, { type: 'ready' | 'reconnect-ack' | 'ping' | 'pong' }>

export interface SignalSocketOptions {
  readonly url: string
  readonly token: string | undefined
  /** The session to ask for; undefined begins a fresh one. */
  readonly resume: SessionTicket | undefined
  /** The client's end of `signalling`. */
  readonly plan: ConversationPlan
  /** What is known of the versions that a host may have. */
  readonly versions: Pick<KnownVersions, 'judge'>
  readonly clock: Clock
  readonly createSocket: (url: string, protocols: string[]) => SocketLike
  readonly onMessage: (message: PassedOn) => void
}

type ClientWords = WordsOf<typeof signalling, 'client'>
type Named<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>

const pingPeriodMs = 5000

/** One signalling conversation. It ends with an error, unless it was closed here. */
export class SignalSocket implements Closable {
  readonly #options: SignalSocketOptions
  readonly #socket: DialledSocket
  readonly #monitor: ConversationMonitor
  readonly #watch: TimedMonitor
  readonly #peer: ConversationPeer<typeof signalling, 'client'>
  readonly #ending: Ending
  readonly #greeted = Promise.withResolvers<Welcome>()
  readonly #pings: Timer
  readonly #iceServers: IceServers
  #isOpen = false
  #ready: Named<'ready'> | undefined
  /** While a ping is under way; there is one at a time. */
  #asked: { readonly atMs: number; readonly answer: PromiseWithResolvers<number | undefined> } | undefined
  #roundTripMs: number | undefined
  #lastRefusal: string | undefined

  constructor(options: SignalSocketOptions) {
    const { url, token, clock, createSocket } = options
    const { plan } = options
    const version = versionSubprotocolPrefix + plan.fingerprint
    const subprotocols = [signalSubprotocol, ...(token === undefined ? [] : [bearerSubprotocolPrefix + token]), version]
    this.#options = options
    // Whoever waits for the greeting gets the error; nobody has to.
    this.#greeted.promise.catch(() => {})
    this.#monitor = new ConversationMonitor(plan)
    const missed = this.#missed()
    const onMissed = (label: string) => missed[label as keyof typeof missed]()
    this.#watch = new TimedMonitor({ plan, monitor: this.#monitor, clock, onMissed })
    this.#peer = new ConversationPeer({
      conversation: signalling,
      role: 'client',
      watch: this.#watch,
      write: (message) => this.#write(message),
    }).on(this.#handlers())
    this.#ending = new Ending((end) => this.#release(end))
    this.#socket = new DialledSocket({ clock, dial: () => createSocket(url, subprotocols) })
    this.#iceServers = new IceServers({ clock, ask: () => this.send('ice-servers') })
    this.#pings = clock.every(pingPeriodMs, () => void this.probe())
    this.#socket.addEventListener('open', () => {
      this.#isOpen = true
    })
    this.#socket.addEventListener('message', (event) => this.#read((event as MessageEvent<string>).data))
    this.#socket.addEventListener('close', (event) => {
      const { code, reason } = event as CloseEvent
      void this.#ending.fail(closeError(code, reason, this.#lastRefusal))
    })
  }

  /**
   * Resolves once the host has said `ready` and, to a session that was asked for, `reconnect-ack`. Rejects with a ClientError
   * when the conversation ends before, and with the signal's reason, which ends it.
   */
  async greeted(signal: AbortSignal): Promise<Welcome> {
    const onAbort = () => void this.fail(signal.reason as Error)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await this.#greeted.promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** The WebSocket has opened, whatever became of it. */
  get hasOpened(): boolean {
    return this.#isOpen
  }

  /** True while an offer waits for its answer: no other may be made. */
  get isNegotiating(): boolean {
    return this.#ready !== undefined && !this.#monitor.may('sent', 'offer')
  }

  /** True while a wish for the media socket waits for its answer: no other may be made. */
  get awaitsTicket(): boolean {
    return this.#ready !== undefined && !this.#monitor.may('sent', 'web-media')
  }

  /** For a connection that is begun now: the host has told them last. */
  get iceServers(): readonly IceServer[] {
    return this.#iceServers.now
  }

  /** Of the last ping, in milliseconds; undefined before the first one came back. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs
  }

  get closed(): Promise<End> {
    return this.#ending.closed
  }

  /** Sends a message of that label, or does nothing when the conversation is over. */
  send<Label extends keyof ClientWords>(label: Label, ...contents: ContentsOf<ClientWords[Label]>): void {
    if (this.#isOpen && !this.#ending.begun) this.#peer.send(label, ...contents)
  }

  /** Sends a message that says by itself what it is; as {@link send}. */
  say(message: ClientMessage): void {
    if (!this.#isOpen || this.#ending.begun) return
    // One too many, or its offer went by a conversation that has ended; and there is no goodbye before a greeting.
    if ((message.type === 'candidate' || message.type === 'bye') && !this.#monitor.may('sent', message.type)) return
    this.#peer.say(message)
  }

  /** Somebody answers at the host's door: a dial that hangs is not waited for. */
  redial(): void {
    this.#socket.redial()
  }

  /** For how long the ping under way has had no answer; undefined when there is none under way. */
  get unansweredMs(): number | undefined {
    return this.#asked && this.#options.clock.nowMs() - this.#asked.atMs
  }

  /**
   * Asks whether the host is still there, unless it is being asked. Resolves with what the answer took, in milliseconds;
   * undefined when the conversation ends before. One that is never answered ends it.
   */
  probe(): Promise<number | undefined> {
    if (!this.#isOpen || this.#ending.begun) return Promise.resolve(undefined)
    if (!this.#asked) {
      const atMs = this.#options.clock.nowMs()
      this.#asked = { atMs, answer: Promise.withResolvers() }
      this.send('ping', { timestamp: atMs })
    }
    return this.#asked.answer.promise
  }

  fail(error: Error): Promise<void> {
    return this.#ending.fail(error)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #write(message: ClientMessage): void {
    // Nothing comes after it.
    if (message.type === 'bye') this.#isOpen = false
    this.#socket.send(encodeSignal(message))
  }

  #read(data: string): void {
    if (this.#ending.begun) return
    const broken = (error: unknown) =>
      this.#fail('protocol-violation', `The host broke the protocol: ${messageOf(error)}`)
    let message: ServerMessage
    try {
      message = decodeServerMessage(data)
    } catch (error) {
      return broken(error)
    }
    try {
      this.#peer.receive(message)
    } catch (error) {
      // What a listener of the page throws here is the page's own.
      if (!(error instanceof ProtocolViolation)) throw error
      broken(error)
    }
  }

  #handlers(): Handlers<typeof signalling, 'client'> {
    const pass = (message: PassedOn) => this.#options.onMessage(message)
    return {
      ready: (message) => {
        this.#ready = message
        this.#iceServers.hear(message)
        const { conversation } = message
        if (conversation !== undefined && !this.#isSafeWith(conversation)) return
        const { resume } = this.#options
        if (resume) return this.#ask(resume)
        const { id, resumeToken } = message
        this.#greet({ id, resumeToken }, { isResumed: false, recovered: false })
      },
      'reconnect-ack': (message) => {
        const { sessionId: id, resumeToken = this.#ready?.resumeToken } = message
        const { success: isResumed, historyRecovered } = message
        this.#greet({ id, resumeToken }, { isResumed, recovered: isResumed && historyRecovered })
      },
      ping: ({ timestamp }) => this.send('pong', { timestamp }),
      pong: () => this.#answered(),
      signal: pass,
      'offer-refused': pass,
      'web-media-ticket': pass,
      'web-media-refused': pass,
      error: (message) => {
        this.#lastRefusal = message.code
        pass(message)
      },
      candidate: pass,
      place: pass,
      role: pass,
      seats: pass,
      texts: pass,
      voices: pass,
      rumble: pass,
      shape: pass,
      'ice-servers': (message) => {
        this.#iceServers.hear(message)
        pass(message)
      },
      stats: pass,
      delivered: pass,
      clipboard: pass,
      'clipboard-written': pass,
      'clipboard-refused': pass,
    }
  }

  /** What the host did not say within the limits that the protocol has for it. */
  #missed(): Readonly<Record<MissedBy<typeof signalling, 'client'>, () => void>> {
    const lost = (what: string, afterMs: number) => () =>
      this.#fail('timeout', `The host has not ${what} for ${afterMs} ms`)
    return {
      'host-lost': lost('answered', pongLimitMs),
      'not-resumed': lost('given the session back', resumableMs),
    }
  }

  #answered(): void {
    const asked = this.#asked
    if (!asked) return
    this.#asked = undefined
    this.#roundTripMs = this.#options.clock.nowMs() - asked.atMs
    asked.answer.resolve(this.#roundTripMs)
  }

  /** The newer end knows the older one's version, and whether the two are safe with each other. */
  #isSafeWith(fingerprint: string): boolean {
    const verdict = this.#options.versions.judge('host', fingerprint)
    if (verdict.kind !== 'unsafe') return true
    this.#fail('incompatible-version', `The host is too old for this client: ${verdict.differences.join('; ')}`)
    return false
  }

  #ask({ id, resumeToken }: SessionTicket): void {
    this.send('reconnect', { sessionId: id, ...(resumeToken === undefined ? {} : { resumeToken }) })
  }

  #greet(session: SessionTicket, how: Pick<Welcome, 'isResumed' | 'recovered'>): void {
    const { role, memberId, webMedia = false, native = false } = this.#ready ?? {}
    this.#greeted.resolve({ session, ...how, role, memberId, webMedia, native })
  }

  #fail(code: ClientErrorCode, message: string): void {
    void this.#ending.fail(new ClientError(code, message))
  }

  #release(end: End): void {
    const closed = () => new ClientError('closed', 'Signalling was closed')
    this.#greeted.reject(end.kind === 'error' ? end.error : closed())
    this.#pings.cancel()
    this.#iceServers.close()
    this.#watch.end()
    this.#asked?.answer.resolve(undefined)
    this.#socket.close(1000)
  }
}
