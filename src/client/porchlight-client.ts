import { Ending, type Closable, type End } from '../kernel/ending.ts'
import { type Readable, type Unsubscribe } from '../kernel/readable.ts'
import type { InputMessage } from '../domain/input-event.ts'
import type { Delivery, LobbyText } from '../domain/delivery.ts'
import type { Place } from '../wire/signal/messages.ts'
import type { SeatId, SeatWish } from '../domain/seat.ts'
import { CarriedMedia } from './carried-media.ts'
import { ClientClipboard, type Clipboard } from './clipboard/client-clipboard.ts'
import { ClientError } from './contract/client-error.ts'
import type { ClientEvents, Seats, Voices } from './client-events.ts'
import { reconnectionPolicy, type ClientOptions, type StartOptions } from './environment/client-options.ts'
import type { ClientPath } from './contract/client-path.ts'
import type { ConnectionState, ConnectionStatus } from './connection/connection-state.ts'
import { Connection } from './connection/connection.ts'
import { LobbyWish } from './connection/lobby-wish.ts'
import type { PassedOn, SessionTicket, Welcome } from './connection/signal-socket.ts'
import type { Role } from '../domain/member.ts'
import { signallingTarget, type SignallingTarget } from './connection/signalling-target.ts'
import { Emitter } from './emitter.ts'
import type { ClientEnvironment } from './environment/environment.ts'
import { environmentFor } from './environment/environment-for.ts'
import { LobbyView } from './lobby-view.ts'
import type { Microphone } from './microphone/microphone.ts'
import { Outbox } from './outbox/outbox.ts'
import { PageKeep, type KeptState } from './page/page-keep.ts'
import { newClaim } from './page/new-claim.ts'
import { ClientPicture } from './client-picture.ts'
import { isSessionId } from './session-id.ts'
import type { ViewerStats } from './stats/viewer-stats.ts'
import { newStart, toldElsewhere } from './told-elsewhere.ts'

/** A viewer's connection to a host: finds its way in, stays, and comes back by itself (seed 003). */
export class PorchlightClient implements Closable {
  readonly #environment: ClientEnvironment
  readonly #target: SignallingTarget
  readonly #connection: Connection
  readonly #emitter = new Emitter<ClientEvents>()
  readonly #lobby = new LobbyView(this.#emitter)
  readonly #media: CarriedMedia
  readonly #wish: LobbyWish
  readonly #clipboard = new ClientClipboard((message) => this.#connection.tell(message))
  /** How large, how often and at what rate this client sees what it sees; costs the others nothing. */
  readonly picture = new ClientPicture((message) => this.#connection.tell(message), this.#emitter)
  readonly #outbox: Outbox
  readonly #keep: PageKeep | undefined
  /** What the page left before it was loaded again, until the first start; left again by a page that goes before. */
  #kept: KeptState | undefined
  readonly #ending = new Ending(() => {
    this.#stopWatching()
    this.#connection.close()
    this.#media.close()
    this.#outbox.drop(closed())
  })
  /** Of the last start. */
  #started = newStart()
  #stopWatching: Unsubscribe = () => {}

  /** Throws ClientError `invalid-argument` for a signalling URL that is none. */
  constructor(options: ClientOptions) {
    const { signallingUrl, token, media = 'played', statsPeriodMs = 1000, persistent = true } = options
    this.#target = signallingTarget(signallingUrl, token)
    this.#environment = environmentFor(options, {
      onPicture: (picture) => this.#emitter.emit('picture', picture),
      onSound: (sound) => this.#emitter.emit('sound', sound),
    })
    const { clock, storage, microphone } = this.#environment
    const { url: host, token: whose } = this.#target
    this.#keep = persistent && storage ? new PageKeep({ storage, host, token: whose }) : undefined
    this.#kept = this.#keep?.take()
    this.#wish = new LobbyWish((message) => this.#connection.tell(message), { asksToBeLed: media === 'none' })
    this.#outbox = new Outbox({
      kept: this.#kept?.outbox,
      tell: (message) => this.#connection.tell(message),
      newId: newClaim,
      onRefused: (error) => this.#emitter.emit('error', error),
    })
    this.#media = new CarriedMedia({
      clock,
      microphone,
      statsPeriodMs,
      players: () => this.#lobby.seats.value?.players ?? [],
      ownSessionId: () => this.currentSessionId,
      onPointers: (pointers) => this.#emitter.emit('pointers', pointers),
      onPath: (path) => this.#emitter.emit('pathChange', path),
      onStats: (stats) => this.#emitter.emit('stats', stats),
    })
    this.#connection = new Connection({
      target: this.#target,
      iceServers: options.iceServers ?? [],
      wantsMedia: media !== 'none',
      policy: reconnectionPolicy(options.reconnection),
      timeoutMs: options.connectTimeoutMs ?? 15_000,
      environment: this.#environment,
      listener: {
        state: (state) => this.#enter(state),
        greeted: (welcome) => this.#greeted(welcome),
        carried: (carried, socket) => (carried ? this.#media.carry(carried, socket) : this.#media.drop()),
        disconnected: () => this.#media.drop(),
        unsignalled: () => this.#outbox.unsignalled(),
        error: (error) => this.#emitter.emit('error', error),
        reconnecting: (attempt, maxAttempts, delayMs) =>
          this.#emitter.emit('reconnecting', attempt, maxAttempts, delayMs),
        message: (message) => this.#receive(message),
      },
    })
    this.#watch()
  }

  get state(): ConnectionStatus {
    return this.#connection.state.status
  }

  /** Why the state is `reconnecting` or `failed`. */
  get cause(): ClientError | undefined {
    const { state } = this.#connection
    return 'cause' in state ? state.cause : undefined
  }

  /** Signalling stands, and answers where it was doubted: the host is there, whatever becomes of media. */
  get isHostThere(): Readable<boolean> {
    return this.#connection.isHostThere
  }

  /** For `start({ sessionId, resumeToken })` by another client. */
  get currentSessionId(): string | undefined {
    return this.#connection.session?.id
  }

  /** Secret; good for one use, replaced at each connection. */
  get currentResumeToken(): string | undefined {
    return this.#connection.session?.resumeToken
  }

  /** Known from the first greeting on; the owner may change it. */
  get role(): Role | undefined {
    return this.#lobby.role
  }

  /** Who one is to the others, as `texts` name them; known from the first greeting on. */
  get memberId(): string | undefined {
    return this.#lobby.memberId
  }

  /** Where the session is: in a lobby, or in the waiting room with the reason. */
  get place(): Readable<Place> {
    return this.#lobby.place
  }

  /** Who may use what in the lobby; undefined outside of one. */
  get seats(): Readable<Seats | undefined> {
    return this.#lobby.seats
  }

  /** Who would hear this client in the lobby, and who speaks; undefined outside of one. */
  get voices(): Readable<Voices | undefined> {
    return this.#lobby.voices
  }

  /** What is said here, for those who may hear it. Off until it is turned on. */
  get microphone(): Microphone {
    return this.#media.microphone
  }

  /** How media comes now, and why that way; undefined while none comes. */
  get path(): Readable<ClientPath | undefined> {
    return this.#media.path
  }

  /** Measured while connected, once a second unless told otherwise. */
  get stats(): Readable<ViewerStats | undefined> {
    return this.#media.stats
  }

  /** What was said last in the lobby, by anybody, oldest first. */
  get texts(): Readable<readonly LobbyText[]> {
    return this.#lobby.texts
  }

  /** Texts and wishes that are not known to be done, oldest first. */
  get outbox(): Readable<readonly Delivery[]> {
    return this.#outbox.items
  }

  /** What the app copies and pastes. */
  get clipboard(): Clipboard {
    return this.#clipboard
  }

  get closed(): Promise<End> {
    return this.#ending.closed
  }

  on<Name extends keyof ClientEvents>(name: Name, listener: (...args: ClientEvents[Name]) => void): Unsubscribe {
    return this.#emitter.on(name, listener)
  }

  /**
   * Connects, from `disconnected` or after `failed`. Resolves when media flows for the first time; rejects with a ClientError
   * when this start comes to nothing, which `stateChange` tells too.
   */
  start(options: StartOptions = {}): Promise<void> {
    return toldElsewhere(this.#start(options))
  }

  async #start(options: StartOptions): Promise<void> {
    if (this.state !== 'disconnected' && this.state !== 'failed') {
      throw new ClientError('invalid-state', `Cannot start: the client is ${this.state}, wanted disconnected or failed`)
    }
    const kept = this.#kept
    this.#kept = undefined
    const { lobbyId = this.#wish.lobbyId ?? this.#target.lobbyId ?? kept?.lobbyId } = options
    if (lobbyId !== undefined) this.#wish.want(lobbyId)
    this.#started = newStart()
    this.#connection.start(this.#sessionFor(options, kept?.session))
    await this.#started.promise
  }

  /** Waits no longer for the next try to come back; asks what stands, where something does. */
  tryNow(): void {
    this.#connection.wake()
  }

  /**
   * Enters a lobby, now and after every reconnection. Resolves when the host has put the session there, be it into its
   * waiting room; rejects with the host's refusal, or when the client ends before.
   */
  join(lobbyId: string): Promise<void> {
    if (this.#ending.begun) return Promise.reject(closed())
    return toldElsewhere(this.#wish.join(lobbyId))
  }

  /** Back to the waiting room. */
  leave(): void {
    this.#wish.leave()
  }

  /**
   * Says something to everybody in the lobby, now or when there is a connection again: exactly once, in order, whatever becomes
   * of connection and page. Resolves when the host has it; rejects with a ClientError (`host-error`, `queue-full`,
   * `too-large`, `invalid-argument`, `closed`), which `error` tells too.
   */
  sendText(text: string): Promise<void> {
    return toldElsewhere(this.#outbox.put({ do: 'say', text, ...this.#here() }))
  }

  /** Types into the app, as {@link sendText} says: each text once, also when the acknowledgement was lost. */
  typeText(text: string): Promise<void> {
    return toldElsewhere(this.#outbox.put({ do: 'type', text, ...this.#here() }))
  }

  /** Whether input of this seat's device reaches the app. The first use of a seat that nobody has takes it. */
  holds(seat: SeatId = 'keyboard-mouse'): boolean {
    return this.#lobby.holds(seat, this.currentSessionId)
  }

  /**
   * Asks for a seat of the lobby, gives it back or hands it over; for the owner also grants, takes back, locks. Done once and
   * in order, as {@link sendText} says; what becomes of the seat is told by `seats`.
   */
  changeSeat(seat: SeatId, wish: SeatWish): Promise<void> {
    return toldElsewhere(this.#outbox.put({ do: 'seat', seat, wish, ...this.#here() }))
  }

  /** For who may only watch: asks to be let play, or no longer. Done once; `seats` tells who asks, `role` the owner's answer. */
  askToPlay(asks = true): Promise<void> {
    return toldElsewhere(this.#outbox.put({ do: 'ask-to-play', asks, ...this.#here() }))
  }

  /** Limits what the host sends to this viewer from now on, in bits a second; 0 for no limit of its own. */
  limit(bitrateBps: number): void {
    this.picture.limit(bitrateBps)
  }

  /** Sends keyboard, pointer or wheel input; false when it was dropped because there is no connection. */
  send(message: InputMessage): boolean {
    return this.#media.send(message)
  }

  /** Plays picture and sound in an element, through every reconnection, until the returned function is called. */
  attach(element: HTMLVideoElement): Unsubscribe {
    return this.#media.attach(element)
  }

  /** Leaves for good: the session ends on the host too. */
  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** What to ask for, with the secret that goes with it wherever it is known. */
  #sessionFor({ sessionId, resumeToken }: StartOptions, kept: SessionTicket | undefined): SessionTicket | undefined {
    if (!isSessionId(sessionId)) return kept
    if (resumeToken !== undefined) return { id: sessionId, resumeToken }
    const known = [kept, this.#connection.session].find((session) => session?.id === sessionId)
    return known ?? { id: sessionId, resumeToken: undefined }
  }

  #watch(): void {
    this.#stopWatching = this.#environment.watch({
      woke: () => this.#connection.wake(),
      doubted: () => this.#connection.doubt(),
      leaving: () => this.#leavePage(),
      stayed: () => {
        // A page that was made of what this one left goes on with it, and so with what waited here.
        if (this.#keep?.takeBack() === false) this.#outbox.beginAnew()
        this.#connection.wake()
      },
    })
  }

  /** Written down in case the page is only loaded again. */
  #leavePage(): void {
    const { currentSessionId: id, currentResumeToken: resumeToken } = this
    const session = id !== undefined && resumeToken !== undefined ? { id, resumeToken } : this.#kept?.session
    const { lobbyId = this.#kept?.lobbyId } = this.#wish
    this.#keep?.put({
      ...(session && { session }),
      ...(lobbyId !== undefined && { lobbyId }),
      outbox: this.#outbox.keep(),
    })
  }

  #here(): { readonly lobbyId?: string } {
    const { lobbyId } = this.#wish
    return lobbyId === undefined ? {} : { lobbyId }
  }

  #enter(state: ConnectionState): void {
    if (state.status === 'connected') this.#started.resolve()
    if (state.status === 'failed') this.#end(state.cause)
    if (state.status === 'closed') this.#end(closed())
    this.#emitter.emit('stateChange', state.status)
  }

  /** Nobody waits any longer. */
  #end(error: ClientError): void {
    this.#started.reject(error)
    this.#wish.refused(error)
    this.#clipboard.drop(error)
  }

  #greeted(welcome: Welcome): void {
    const { session, isResumed, recovered } = welcome
    this.#emitter.emit('session', { sessionId: session.id, isResumed, historyRecovered: recovered })
    this.#lobby.greeted(welcome)
    this.#wish.greeted(recovered)
    this.picture.greeted()
    this.#clipboard.greeted()
    this.#outbox.greeted()
  }

  #receive(message: PassedOn): void {
    switch (message.type) {
      case 'role':
      case 'seats':
      case 'texts':
        return this.#lobby.receive(message)
      case 'place':
        this.#wish.arrived(message.place)
        this.#lobby.receive(message)
        return this.#media.microphone.hear(this.#lobby.voices.value)
      case 'voices':
        this.#lobby.receive(message)
        return this.#media.microphone.hear(this.#lobby.voices.value)
      case 'error': {
        const error = new ClientError('host-error', message.message, { hostCode: message.code })
        this.#media.microphone.refused(message.code, message.message)
        if (!this.#wish.refused(error)) this.#emitter.emit('error', error)
        return
      }
      case 'shape':
        return this.picture.receive(message)
      case 'delivered':
        return this.#outbox.receive(message)
      case 'clipboard':
      case 'clipboard-written':
      case 'clipboard-refused':
        return this.#clipboard.receive(message)
      case 'rumble': {
        const { type: _, pad, ...rumble } = message
        return this.#emitter.emit('rumble', pad, rumble)
      }
      case 'stats': {
        const { type: _, ...stats } = message
        if (stats.shape) this.picture.hear(stats.shape)
        return this.#media.hearHostStats(stats)
      }
      default:
        return
    }
  }
}

function closed(): ClientError {
  return new ClientError('closed', 'The client was closed')
}
