import type { Timer } from '../kernel/clock.ts'
import { Ending, type Closable, type End } from '../kernel/ending.ts'
import { Writable, type Readable, type Unsubscribe } from '../kernel/readable.ts'
import type { InputMessage } from '../wire/input/input-message.ts'
import type { Place } from '../wire/signal/messages.ts'
import { ClientClipboard, type Clipboard } from './clipboard/client-clipboard.ts'
import type { SeatId, SeatsMessage, SeatWish } from '../wire/signal/seats.ts'
import { ClientError } from './client-error.ts'
import { reconnectionPolicy, type ClientOptions, type StartOptions } from './client-options.ts'
import type { ConnectionState, ConnectionStatus } from './connection/connection-state.ts'
import { Connection } from './connection/connection.ts'
import { LobbyWish } from './connection/lobby-wish.ts'
import type { ClientPath } from './connection/client-path.ts'
import type { Carried } from './connection/media-paths.ts'
import type { PassedOn, Role, SignalSocket } from './connection/signal-socket.ts'
import { Emitter } from './emitter.ts'
import { browserEnvironment, type ClientEnvironment } from './environment.ts'
import { HeldInput } from './input/held-input.ts'
import { InputSender } from './input/input-sender.ts'
import { hearPointers, type PlayerPointer } from './seats/other-pointers.ts'
import { Playback } from './playback.ts'
import { sampleStats } from './stats/sample-stats.ts'
import type { HostStats, ViewerStats } from './stats/viewer-stats.ts'

/** Strengths from 0 to 1: the slow motor, and the fast one. */
export interface Rumble {
  readonly strong: number
  readonly weak: number
  readonly durationMs: number
}

export interface ClientEvents {
  stateChange: [state: ConnectionStatus]
  /** Retry number `attempt` of at most `maxAttempts` waits for its turn. */
  reconnecting: [attempt: number, maxAttempts: number]
  place: [place: Place]
  /** What one may do is known, or has changed. */
  role: [role: Role]
  /** Who may use what in the lobby; undefined outside of one. */
  seats: [seats: Seats | undefined]
  /** Some of the other players have moved their pointers; at most 25 times a second. */
  pointers: [pointers: readonly PlayerPointer[]]
  stats: [stats: ViewerStats]
  /** What the app wants felt on gamepad `pad`, as it was told to `send`. */
  rumble: [pad: number, rumble: Rumble]
  /** Media comes another way, or, when undefined, by none for the moment. */
  pathChange: [path: ClientPath | undefined]
  /** A failed try, a loss, or an `error` message of the host. */
  error: [error: ClientError]
}

/** Who may use what in a lobby, and who is there to play. */
export type Seats = Omit<SeatsMessage, 'type'>

const nowhere: Place = { kind: 'waiting-room', reason: 'Connecting' }

/** A viewer's connection to a host: finds its way in, stays, and comes back by itself (seed 003). */
export class PorchlightClient implements Closable {
  readonly #options: ClientOptions
  readonly #environment: ClientEnvironment
  readonly #connection: Connection
  readonly #emitter = new Emitter<ClientEvents>()
  readonly #place = new Writable<Place>(nowhere)
  readonly #seats = new Writable<Seats | undefined>(undefined)
  readonly #path = new Writable<ClientPath | undefined>(undefined)
  readonly #stats = new Writable<ViewerStats | undefined>(undefined)
  readonly #wish = new LobbyWish((message) => this.#connection.tell(message))
  readonly #clipboard = new ClientClipboard((message) => this.#connection.tell(message))
  readonly #playback = new Playback()
  readonly #input: InputSender
  readonly #held: HeldInput
  readonly #started = Promise.withResolvers<void>()
  readonly #ending = new Ending(() => {
    this.#connection.close()
    this.#playback.close()
  })
  #role: Role | undefined
  #hostStats: HostStats | undefined
  #statsTimer: Timer | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.#environment = { ...browserEnvironment, ...options.environment }
    const { clock } = this.#environment
    this.#input = new InputSender(clock)
    this.#held = new HeldInput({ clock, send: (message) => void this.#input.send(message) })
    this.#connection = new Connection({
      url: options.signallingUrl,
      token: options.token,
      policy: reconnectionPolicy(options.reconnection),
      timeoutMs: options.connectTimeoutMs ?? 15_000,
      environment: this.#environment,
      listener: {
        state: (state) => this.#enter(state),
        greeted: ({ role, recovered }) => {
          if (role !== undefined) this.#hearRole(role)
          this.#wish.greeted(recovered)
          this.#clipboard.greeted()
        },
        carried: (carried, socket) => (carried ? this.#carried(carried, socket) : this.#uncarried()),
        disconnected: () => this.#uncarried(),
        error: (error) => this.#emitter.emit('error', error),
        reconnecting: (attempt, maxAttempts) => this.#emitter.emit('reconnecting', attempt, maxAttempts),
        message: (message) => this.#receive(message),
      },
    })
    // Whoever awaits `start` gets the error; nobody has to.
    this.#started.promise.catch(() => {})
  }

  get state(): ConnectionStatus {
    return this.#connection.state.status
  }

  /** Why the state is `reconnecting` or `failed`. */
  get cause(): ClientError | undefined {
    const { state } = this.#connection
    return 'cause' in state ? state.cause : undefined
  }

  /** For `start({ sessionId, resumeToken })` after the page was loaded again. */
  get currentSessionId(): string | undefined {
    return this.#connection.session?.id
  }

  /** Secret; good for one use, replaced at each connection. */
  get currentResumeToken(): string | undefined {
    return this.#connection.session?.resumeToken
  }

  /** Known from the first greeting on; the owner may change it. */
  get role(): Role | undefined {
    return this.#role
  }

  /** Where the session is: in a lobby, or in the waiting room with the reason. */
  get place(): Readable<Place> {
    return this.#place
  }

  /** Who may use what in the lobby; undefined outside of one. */
  get seats(): Readable<Seats | undefined> {
    return this.#seats
  }

  /** How media comes now, and why that way; undefined while none comes. */
  get path(): Readable<ClientPath | undefined> {
    return this.#path
  }

  /** Measured while connected, once a second unless told otherwise. */
  get stats(): Readable<ViewerStats | undefined> {
    return this.#stats
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

  /** Connects. Resolves when media flows for the first time; rejects with a ClientError when that will never be. */
  async start(options: StartOptions = {}): Promise<void> {
    if (this.state !== 'disconnected') {
      throw new ClientError('invalid-state', `Cannot start: the client is ${this.state}, wanted disconnected`)
    }
    const { sessionId, resumeToken, lobbyId } = options
    if (lobbyId !== undefined) this.#wish.want(lobbyId)
    this.#connection.start(sessionId === undefined ? undefined : { id: sessionId, resumeToken })
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

  /** Whether input of this seat's device reaches the app. The first use of a seat that nobody has takes it. */
  holds(seat: SeatId = 'keyboard-mouse'): boolean {
    const seats = this.#seats.value
    const own = this.currentSessionId
    const isPlayer = seats?.players.some(({ sessionId }) => sessionId === own) === true
    if (seats?.seating === 'shared' && seat === 'keyboard-mouse') return isPlayer
    return isPlayer && seats?.seats.find(({ id }) => id === seat)?.holder === own
  }

  /**
   * Asks for a seat of the lobby, gives it back or hands it over; for the owner also grants, takes back, locks. What
   * becomes of it is told by `seats`, a refusal by `error`. False when there is no connection.
   */
  changeSeat(seat: SeatId, wish: SeatWish): boolean {
    return this.#connection.tell({ type: 'seat', seat, wish })
  }

  /** Limits what the host sends to this viewer, in bits a second; 0 for no limit of its own. */
  limit(bitrateBps: number): void {
    this.#connection.tell({ type: 'limit', bitrateBps })
  }

  /** Sends keyboard, pointer or wheel input; false when it was dropped because there is no connection. */
  send(message: InputMessage): boolean {
    if (!this.#input.connected) return false
    if (!this.#held.waits) return this.#input.send(message)
    this.#held.send(message)
    return true
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

  #enter(state: ConnectionState): void {
    if (state.status === 'connected') this.#started.resolve()
    if (state.status === 'failed') this.#end(state.cause)
    if (state.status === 'closed') this.#end(new ClientError('closed', 'The client was closed'))
    this.#emitter.emit('stateChange', state.status)
  }

  /** Nobody waits any longer. */
  #end(error: ClientError): void {
    this.#started.reject(error)
    this.#wish.refused(error)
    this.#clipboard.drop(error)
  }

  #carried({ path, kind, why, former }: Carried, socket: SignalSocket): void {
    const { clock } = this.#environment
    this.#input.connect(path.keys, path.pointer)
    hearPointers({
      channel: path.pointer,
      clock,
      players: () => this.#seats.value?.players ?? [],
      ownSessionId: () => this.currentSessionId,
      onPointers: (pointers) => this.#emitter.emit('pointers', pointers),
    })
    // What is on its way by the former path comes before what goes by this one; what was lost with it is held no more.
    if (former) this.#held.hold(former)
    else if (why === 'udp-failed') this.#input.send({ type: 'release-all' })
    this.#playback.play(path.tracks)
    this.#setPath({ kind, why, sinceMs: clock.epochMs(), roundTripMs: undefined, lossRatio: undefined })
    this.#statsTimer?.cancel()
    this.#statsTimer = sampleStats({
      clock,
      periodMs: this.#options.statsPeriodMs ?? 1000,
      sample: () => path.sample(),
      beside: () => ({ host: this.#hostStats, signallingRoundTripMs: socket.roundTripMs }),
      onStats: (stats) => {
        this.#stats.set(stats)
        this.#measurePath(stats)
        this.#emitter.emit('stats', stats)
      },
    })
  }

  #uncarried(): void {
    this.#statsTimer?.cancel()
    this.#input.disconnect()
    this.#setPath(undefined)
  }

  #setPath(path: ClientPath | undefined): void {
    if (path === this.#path.value) return
    this.#path.set(path)
    this.#emitter.emit('pathChange', path)
  }

  /** A peer connection can move to a relay and back by itself. */
  #measurePath({ path: kind, roundTripMs, lossRatio }: ViewerStats): void {
    const path = this.#path.value
    if (!path) return
    const measured = { ...path, kind: kind ?? path.kind, roundTripMs, lossRatio }
    if (measured.kind === path.kind) this.#path.set(measured)
    else this.#setPath({ ...measured, sinceMs: this.#environment.clock.epochMs() })
  }

  #hearRole(role: Role): void {
    if (role === this.#role) return
    this.#role = role
    this.#emitter.emit('role', role)
  }

  #setSeats(seats: Seats | undefined): void {
    if (seats === this.#seats.value) return
    this.#seats.set(seats)
    this.#emitter.emit('seats', seats)
  }

  #receive(message: PassedOn): void {
    switch (message.type) {
      case 'role':
        return this.#hearRole(message.role)
      case 'place':
        this.#place.set(message.place)
        if (message.place.lobbyId !== this.#seats.value?.lobbyId) this.#setSeats(undefined)
        this.#wish.arrived(message.place)
        this.#emitter.emit('place', message.place)
        return
      case 'seats': {
        const { type: _, ...seats } = message
        return this.#setSeats(seats)
      }
      case 'error': {
        const error = new ClientError('host-error', message.message, { hostCode: message.code })
        if (!this.#wish.refused(error)) this.#emitter.emit('error', error)
        return
      }
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
        this.#hostStats = stats
        return
      }
      default:
        return
    }
  }
}
