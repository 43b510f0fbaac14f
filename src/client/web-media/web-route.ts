import { Backoff, type BackoffPolicy } from '../../kernel/backoff.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { ClientMessage, ServerMessage } from '../../wire/signal/messages.ts'
import { ClientError } from '../client-error.ts'
import type { Flow } from '../connection/flow-watch.ts'
import type { Route, RouteProgress } from '../connection/route.ts'
import { openWebMediaPath, type WebMediaPath } from './web-media-path.ts'
import type { WebMediaCodec, WebMediaPlatform } from './web-media-platform.ts'

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

const retryPolicy: BackoffPolicy = { baseDelayMs: 300, maxDelayMs: 10_000, jitterFactor: 0.3, healthyAfterMs: 5000 }

/** Keeps a path through the web port for as long as it is wanted: ticket, socket, first picture, and again after a loss. */
export class WebRoute implements Route {
  readonly kind = 'web-port'
  readonly #options: WebRouteOptions
  readonly #retries: Backoff
  readonly #codecs: Promise<readonly WebMediaCodec[]>
  #state: 'forbidden' | 'asking' | 'idle' | 'ticket' | 'opening' | 'shows' | 'waiting' | 'closed' = 'forbidden'
  #canDecode: readonly WebMediaCodec[] = []
  #unavailable: ClientError | undefined
  #path: WebMediaPath | undefined
  #timer: Timer | undefined
  #wanted = false
  #flow: Flow = 'flowing'

  constructor(options: WebRouteOptions) {
    this.#options = options
    this.#retries = new Backoff(retryPolicy, options.clock, options.random)
    this.#codecs = options.platform.codecs()
    this.#codecs.catch(() => {})
  }

  get progress(): RouteProgress {
    switch (this.#state) {
      case 'forbidden':
      case 'closed':
        return 'impossible'
      case 'shows':
        return 'shows'
      case 'opening':
      case 'ticket':
        return 'opening'
      case 'asking':
      case 'idle':
      case 'waiting':
        return 'none'
    }
  }

  /** It shows, and what comes is not late. */
  get isFlowing(): boolean {
    return this.#state === 'shows' && this.#flow === 'flowing'
  }

  get path(): WebMediaPath | undefined {
    return this.#state === 'shows' ? this.#path : undefined
  }

  /** Why this machine cannot, where the host could. */
  get unavailable(): ClientError | undefined {
    return this.#unavailable
  }

  /** The host offers it. */
  allow(): void {
    this.#state = 'asking'
    this.#codecs.then(
      (codecs) => this.#learn(codecs),
      () => this.#learn([]),
    )
  }

  want(): void {
    this.#wanted = true
    if (this.#state === 'idle') this.#ask()
  }

  /** Another path carries. Resolves when the host has had everything that this one still had to say. */
  async leave(): Promise<void> {
    this.#wanted = false
    this.#timer?.cancel()
    const path = this.#path
    this.#path = undefined
    // A ticket under way is answered first, and then not used.
    if (this.#state === 'opening' || this.#state === 'shows' || this.#state === 'waiting') this.#state = 'idle'
    await path?.moved()
  }

  accept(message: Extract<ServerMessage, { type: 'web-media-ticket' | 'web-media-refused' }>): void {
    if (this.#state !== 'ticket') return
    this.#state = 'idle'
    if (!this.#wanted) return
    if (message.type === 'web-media-refused') this.#wait()
    else this.#open(message.ticket)
    this.#options.onChange()
  }

  /** The network is back: no more waiting for the next try, or for what comes no more. */
  wake(): void {
    const isStuck = this.#path !== undefined && this.#flow !== 'flowing'
    if (this.#state !== 'waiting' && !isStuck) return
    this.#timer?.cancel()
    const stuck = this.#path
    this.#path = undefined
    this.#state = 'idle'
    if (this.#wanted) this.#ask()
    if (!stuck) return
    this.#options.onChange()
    void stuck.abandon()
  }

  /** There is none that is worse. */
  overtaken(): boolean {
    return false
  }

  close(): void {
    this.#state = 'closed'
    this.#timer?.cancel()
    void this.#path?.close()
  }

  #learn(codecs: readonly WebMediaCodec[]): void {
    if (this.#state !== 'asking') return
    this.#canDecode = codecs
    this.#state = codecs.length > 0 ? 'idle' : 'forbidden'
    if (codecs.length === 0) {
      const message = `Media through the web port is impossible: ${this.#options.platform.whyNot()}`
      this.#unavailable = new ClientError('web-media-unavailable', message)
    }
    this.#options.onChange()
  }

  #ask(): void {
    this.#state = 'ticket'
    if (!this.#options.awaitsTicket())
      this.#options.send({ type: 'web-media', codecs: [...this.#canDecode], audio: true })
  }

  #open(ticket: string): void {
    const { url, platform, clock } = this.#options
    this.#state = 'opening'
    const onFlow = (flow: Flow) => {
      this.#flow = flow
      if (flow !== 'flowing') this.#options.onDoubt()
      if (flow === 'silent' && this.#path === path) this.#giveUp(path)
    }
    this.#flow = 'flowing'
    const path: WebMediaPath = openWebMediaPath({ url, ticket, platform, clock, onFlow })
    this.#path = path
    const shown = () => {
      if (this.#path !== path) return
      this.#state = 'shows'
      this.#retries.succeeded()
      this.#options.onChange()
    }
    path.ready.then(shown, () => {})
    void path.closed.then(() => {
      if (this.#path === path && this.#state !== 'closed') this.#giveUp(path)
    })
  }

  /** It ended, or nothing comes by it although the host would say something: another one is tried. */
  #giveUp(path: WebMediaPath): void {
    this.#path = undefined
    this.#wait()
    this.#options.onChange()
    void path.abandon()
  }

  #wait(): void {
    this.#state = 'waiting'
    this.#timer = this.#options.clock.after(this.#retries.failed(), () => this.wake())
  }
}
