import { Backoff, type BackoffPolicy } from '../../kernel/backoff.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { ClientMessage, ServerMessage } from '../../wire/signal/messages.ts'
import { ClientError } from '../contract/client-error.ts'
import type { Flow } from '../path/flow-watch.ts'
import type { Route, RouteProgress } from '../path/route.ts'
import { openWebMediaPath, type WebMediaPath } from './web-media-path.ts'
import type { WebMediaPlatform } from './web-media-platform.ts'
import type { VideoCodec } from '../../domain/video-codec.ts'

export interface WebRouteOptions {
  readonly platform: WebMediaPlatform
  readonly clock: Clock
  readonly random: () => number
  readonly url: string
  readonly send: (message: ClientMessage) => void
  /** A wish that was sent before waits for its answer, which is as good for another one. */
  readonly awaitsTicket: () => boolean
  /** `progress` is another one. */
  readonly onChange: () => void
  /** What comes is late. */
  readonly onDoubt: () => void
}

/** Each state has what it needs. */
type WebState =
  /** The host does not offer it, or this machine cannot decode it. */
  | { readonly kind: 'forbidden' }
  /** What this machine can decode is not known yet. */
  | { readonly kind: 'asking' }
  | { readonly kind: 'idle' }
  /** The host has been asked for a ticket. */
  | { readonly kind: 'ticket' }
  | { readonly kind: 'open'; readonly path: WebMediaPath; readonly shows: boolean; readonly flow: Flow }
  /** For the next try. */
  | { readonly kind: 'waiting'; readonly timer: Timer }
  | { readonly kind: 'closed' }

const retryPolicy: BackoffPolicy = { baseDelayMs: 300, maxDelayMs: 10_000, jitterFactor: 0.3, healthyAfterMs: 5000 }

/** Keeps a path through the web port for as long as it is wanted: ticket, socket, first picture, and again after a loss. */
export class WebRoute implements Route {
  /** What the host takes from the media socket: it is a socket of its web port, or what a program makes of its native transport. */
  #kind: 'web-port' | 'native' = 'web-port'
  readonly #options: WebRouteOptions
  readonly #retries: Backoff
  readonly #codecs: Promise<readonly VideoCodec[]>
  #state: WebState = { kind: 'forbidden' }
  #canDecode: readonly VideoCodec[] = []
  #unavailable: ClientError | undefined
  #wanted = false

  constructor(options: WebRouteOptions) {
    this.#options = options
    this.#retries = new Backoff(retryPolicy, options.clock, options.random)
    this.#codecs = options.platform.codecs()
    this.#codecs.catch(() => {})
  }

  get kind(): 'web-port' | 'native' {
    return this.#kind
  }

  get progress(): RouteProgress {
    const state = this.#state
    switch (state.kind) {
      case 'forbidden':
      case 'closed':
        return 'impossible'
      case 'open':
        return state.shows ? 'shows' : 'opening'
      case 'ticket':
        return 'opening'
      case 'asking':
      case 'idle':
      case 'waiting':
        return 'none'
    }
  }

  get isFlowing(): boolean {
    return this.#state.kind === 'open' && this.#state.shows && this.#state.flow === 'flowing'
  }

  get path(): WebMediaPath | undefined {
    return this.#state.kind === 'open' && this.#state.shows ? this.#state.path : undefined
  }

  /** Why this machine cannot, where the host could. */
  get unavailable(): ClientError | undefined {
    return this.#unavailable
  }

  /** The host offers it. */
  allow(kind: 'web-port' | 'native' = 'web-port'): void {
    this.#kind = kind
    this.#enter({ kind: 'asking' })
    this.#codecs.then(
      (codecs) => this.#learn(codecs),
      () => this.#learn([]),
    )
  }

  want(): void {
    this.#wanted = true
    if (this.#state.kind === 'idle') this.#ask()
  }

  async leave(): Promise<void> {
    const state = this.#state
    this.#wanted = false
    // A ticket under way is answered first, and then not used.
    if (state.kind === 'open' || state.kind === 'waiting') this.#enter({ kind: 'idle' })
    if (state.kind === 'open') await state.path.moved()
  }

  accept(message: Extract<ServerMessage, { type: 'web-media-ticket' | 'web-media-refused' }>): void {
    if (this.#state.kind !== 'ticket') return
    this.#enter({ kind: 'idle' })
    if (!this.#wanted) return
    if (message.type === 'web-media-refused') this.#wait()
    else this.#open(message.ticket)
    this.#options.onChange()
  }

  /** No more waiting for the next try, or for what comes no more. */
  wake(): void {
    const state = this.#state
    // A channel of the native transport takes another path by itself, and media go on there.
    const isStuck = state.kind === 'open' && state.flow !== 'flowing' && this.#kind === 'web-port'
    if (state.kind !== 'waiting' && !isStuck) return
    this.#enter({ kind: 'idle' })
    if (this.#wanted) this.#ask()
    if (!isStuck) return
    this.#options.onChange()
    void state.path.abandon()
  }

  /** There is none that is worse. */
  overtaken(): boolean {
    return false
  }

  close(): void {
    const state = this.#state
    this.#enter({ kind: 'closed' })
    if (state.kind === 'open') void state.path.close()
  }

  #enter(state: WebState): void {
    if (this.#state.kind === 'waiting') this.#state.timer.cancel()
    this.#state = state
  }

  #learn(codecs: readonly VideoCodec[]): void {
    if (this.#state.kind !== 'asking') return
    this.#canDecode = codecs
    this.#enter({ kind: codecs.length > 0 ? 'idle' : 'forbidden' })
    if (codecs.length === 0) {
      const message = `Media through the web port is impossible: ${this.#options.platform.whyNot()}`
      this.#unavailable = new ClientError('web-media-unavailable', message)
    }
    this.#options.onChange()
  }

  #ask(): void {
    this.#enter({ kind: 'ticket' })
    if (!this.#options.awaitsTicket())
      this.#options.send({ type: 'web-media', codecs: [...this.#canDecode], audio: true })
  }

  #open(ticket: string): void {
    const { url, platform, clock, onChange, onDoubt } = this.#options
    const change = (more: { shows: true } | { flow: Flow }) => {
      const state = this.#state
      const isThis = state.kind === 'open' && state.path === path
      if (isThis) this.#enter({ ...state, ...more })
      return isThis
    }
    const onFlow = (flow: Flow) => {
      if (flow !== 'flowing') onDoubt()
      if (change({ flow }) && flow === 'silent') this.#giveUp(path)
    }
    const path: WebMediaPath = openWebMediaPath({ kind: this.#kind, url, ticket, platform, clock, onFlow })
    this.#enter({ kind: 'open', path, shows: false, flow: 'flowing' })
    const shown = () => {
      if (!change({ shows: true })) return
      this.#retries.succeeded()
      onChange()
    }
    path.ready.then(shown, () => {})
    void path.closed.then(() => {
      if (this.#state.kind === 'open' && this.#state.path === path) this.#giveUp(path)
    })
  }

  /** It ended, or nothing comes by it although the host would say something: another one is tried. */
  #giveUp(path: WebMediaPath): void {
    this.#wait()
    this.#options.onChange()
    void path.abandon()
  }

  #wait(): void {
    const timer = this.#options.clock.after(this.#retries.failed(), () => this.wake())
    this.#enter({ kind: 'waiting', timer })
  }
}
