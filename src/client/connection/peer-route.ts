import { Backoff, type BackoffPolicy } from '../../kernel/backoff.ts'
import type { Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { ClientMessage, IceServer, ServerMessage } from '../../wire/signal/messages.ts'
import { ClientError } from '../contract/client-error.ts'
import type { ClientEnvironment } from '../environment/environment.ts'
import type { PathKind } from '../contract/client-path.ts'
import { openPeer, type Peer } from './peer.ts'
import { fellSilent, PeerAttempt } from './peer-attempt.ts'
import type { Route, RouteProgress } from '../path/route.ts'

export interface PeerRouteOptions {
  readonly environment: ClientEnvironment
  readonly send: (message: ClientMessage) => void
  /** An offer waits for its answer: no other may be made. */
  readonly isNegotiating: () => boolean
  /** Another route is about to show a picture, and is to have a head start. */
  readonly isSecond: () => boolean
  readonly isCarrying: () => boolean
  /** `progress` is another one. */
  readonly onChange: () => void
  /** What comes is late, or it was lost. */
  readonly onDoubt: () => void
  /** A try has failed; another one is made later. */
  readonly onFailed: (error: ClientError) => void
}

/** Each state has what it needs, and nothing of it is left when the next one is entered. */
type PeerState =
  /** Nothing is to be done: before the greeting, and where there is no WebRTC. */
  | { readonly kind: 'idle' }
  /** The next try comes with the timer; or sooner where it is held back for a first picture by another route. */
  | { readonly kind: 'waiting'; readonly timer: Timer; readonly isHeldBack: boolean }
  /** There is to be another offer as soon as the last one, which was given up, has been answered. */
  | { readonly kind: 'owing' }
  | { readonly kind: 'trying'; readonly attempt: PeerAttempt }
  | { readonly kind: 'closed' }

/** Between two tries while another route carries. */
const retryPolicy: BackoffPolicy = { baseDelayMs: 1000, maxDelayMs: 20_000, jitterFactor: 0.3, healthyAfterMs: 5000 }
/** A try in the background is given up after this. */
const tryLimitMs = 12_000
/** How long one is held back for a first picture by another route, where that wants a head start. */
const headStartMs = 1000
/** One that was begun so long before the network was back has the addresses of another network, or none. */
const staleMs = 500

/** Keeps a peer connection for as long as it can: offer, first picture, and again after a loss. */
export class PeerRoute implements Route {
  readonly #options: PeerRouteOptions
  readonly #retries: Backoff
  #state: PeerState = { kind: 'idle' }
  /** Carried until it failed: its last picture stands until there is another one, since a closed connection's is black. */
  #fallen: PeerAttempt | undefined
  /** The host has no use for one. */
  #isForbidden = false
  /** Undefined before the host has greeted. */
  #iceServers: readonly IceServer[] | undefined
  #lastError: ClientError | undefined

  /** Begins at once with what can be done before the host has been greeted. */
  constructor(options: PeerRouteOptions) {
    const { clock, random, webMedia } = options.environment
    this.#options = options
    this.#retries = new Backoff(retryPolicy, clock, random)
    if (!webMedia.wantsHeadStart) this.#open()
  }

  get progress(): RouteProgress {
    if (this.#state.kind === 'trying') return this.#state.attempt.progress
    return this.#options.environment.createPeer && !this.#isForbidden ? 'none' : 'impossible'
  }

  get kind(): PathKind {
    return this.#attempt?.kind ?? 'direct'
  }

  get path(): Peer | undefined {
    return this.#attempt?.peer
  }

  get isFlowing(): boolean {
    return this.progress !== 'doubtful' && this.progress !== 'silent'
  }

  /** The host has greeted. */
  get hasBegun(): boolean {
    return this.#iceServers !== undefined
  }

  /** There is a connection, or one on its way. */
  get isTrying(): boolean {
    return this.#state.kind === 'trying'
  }

  /** Why the last peer connection ended, or there can be none. */
  get lastError(): ClientError | undefined {
    return this.#lastError
  }

  /** The host has been greeted. */
  begin(iceServers: readonly IceServer[]): void {
    this.#iceServers = iceServers
    if (this.path) void this.path.offer(iceServers)
    else this.#retry()
  }

  /** For tries from now on. A connection that stands keeps what it has allocated, whose credentials are not asked for again. */
  renew(iceServers: readonly IceServer[]): void {
    if (this.#iceServers && !this.#isForbidden) this.#iceServers = iceServers
  }

  /** The host has been greeted, and takes no offers: what was begun is given up. */
  forbid(): void {
    this.#iceServers = []
    this.#isForbidden = true
    this.#lastError = new ClientError('media-lost', 'The host takes no peer connections by this way')
    this.#enter({ kind: 'idle' }, 'the host takes none')
  }

  accept(message: Extract<ServerMessage, { type: 'signal' | 'candidate' }>): void {
    if (this.#state.kind === 'owing' && message.type === 'signal') return this.#retry()
    void this.path?.accept(message)
  }

  /** The host refused the offer, or saw the end of the peer connection first; or it was seen here. */
  failed(error: ClientError): void {
    if (this.#state.kind === 'closed') return
    const attempt = this.#attempt
    this.#lastError = error
    this.dropFallen()
    if (attempt?.hasShown) this.#fallen = attempt
    this.#wait(this.#retries.failed(), error.message)
    this.#options.onDoubt()
    this.#options.onFailed(error)
  }

  /** It carries: a loss after a while begins with short waits again. */
  succeeded(): void {
    this.#retries.succeeded()
  }

  /** What it is held back for has come, and is settled after so long; or it never comes. */
  release(afterMs: number): void {
    if (this.#state.kind !== 'waiting' || !this.#state.isHeldBack) return
    if (afterMs === 0) this.#retry()
    else this.#holdBack(afterMs)
  }

  /** Another picture stands. */
  dropFallen(): void {
    this.#fallen?.close('another path carries')
    this.#fallen = undefined
  }

  /** It always is: there is none better. */
  want(): void {}

  async leave(): Promise<void> {}

  overtaken(): boolean {
    if (!this.#attempt?.hasShown) return false
    this.failed(fellSilent())
    return true
  }

  wake(): void {
    const attempt = this.#attempt
    const ageMs = this.#options.environment.clock.nowMs() - (attempt?.openedMs ?? 0)
    const isStale = attempt?.progress === 'opening' && this.hasBegun && ageMs > staleMs
    if (isStale || this.#state.kind === 'waiting') this.#retry('the network is another one')
  }

  close(reason: string): void {
    this.#enter({ kind: 'closed' }, reason)
    this.dropFallen()
  }

  get #attempt(): PeerAttempt | undefined {
    return this.#state.kind === 'trying' ? this.#state.attempt : undefined
  }

  #enter(state: PeerState, reason: string): void {
    const former = this.#state
    this.#state = state
    if (former.kind === 'waiting') former.timer.cancel()
    if (former.kind !== 'trying') return
    if (former.attempt === this.#fallen) former.attempt.unwatch()
    else former.attempt.close(reason)
  }

  #retry(reason = 'another try'): void {
    if (this.#options.isSecond()) this.#holdBack(headStartMs, reason)
    else this.#try(reason)
  }

  #wait(ms: number, reason: string): void {
    const timer = this.#options.environment.clock.after(ms, () => this.#retry())
    this.#enter({ kind: 'waiting', timer, isHeldBack: false }, reason)
  }

  #holdBack(ms: number, reason = ''): void {
    const timer = this.#options.environment.clock.after(ms, () => this.#try(reason))
    this.#enter({ kind: 'waiting', timer, isHeldBack: true }, reason)
  }

  #try(reason: string): void {
    if (this.#options.isNegotiating()) return this.#enter({ kind: 'owing' }, reason)
    this.#enter({ kind: 'idle' }, reason)
    this.#open()
    if (!this.#attempt) return this.#options.onChange()
    this.#attempt.limit(tryLimitMs)
    void this.#attempt.peer.offer(this.#iceServers ?? [])
  }

  /** Nothing comes of it where there is no WebRTC, or none now: Firefox has none while it takes the network to be away. */
  #open(): void {
    const { environment, send } = this.#options
    const { clock, createPeer, videoCodecs } = environment
    if (!createPeer) {
      this.#lastError = new ClientError('media-lost', 'This machine has no WebRTC')
      return
    }
    try {
      const peer = openPeer({ clock, createPeer, videoCodecs: videoCodecs(), send })
      const onFailed = (error: ClientError) => this.failed(error)
      const attempt = new PeerAttempt({ ...this.#options, clock, peer, onFailed })
      this.#enter({ kind: 'trying', attempt }, '')
    } catch (error) {
      this.#lastError = new ClientError('media-lost', `No peer connection can be made: ${messageOf(error)}`)
      if (this.hasBegun) this.#wait(this.#retries.failed(), '')
    }
  }
}
