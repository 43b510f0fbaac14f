import type { Clock, Timer } from '../../kernel/clock.ts'

export interface ReachabilityOptions {
  readonly clock: Clock
  /** Whether anybody answers now. */
  readonly knock: (signal: AbortSignal) => Promise<boolean>
  /** Somebody has answered; nobody knocks any more. */
  readonly onAnswer: () => void
}

/** How often it is knocked, and how long a knock is waited for: a few round trips, unless what it sent was lost. */
const quick = { periodMs: 250, limitMs: 1250 } as const
const slow = { periodMs: 1000, limitMs: 5000 } as const
const quickForMs = 20_000

/**
 * Knocks at the host's door while it is away, again before the last knock is given up: a browser tells only of its own network,
 * not of what lies between it and the host, and a connection whose packets were lost waits longer and longer before it sends
 * them again.
 */
export class Reachability {
  readonly #options: ReachabilityOptions
  #knocking: AbortController | undefined
  #timer: Timer | undefined

  constructor(options: ReachabilityOptions) {
    this.#options = options
  }

  /** Knocks until somebody answers. */
  begin(): void {
    if (this.#knocking) return
    this.#knocking = new AbortController()
    this.#go(this.#knocking, this.#options.clock.nowMs() + quickForMs)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#knocking?.abort()
    this.#knocking = undefined
  }

  #go(knocking: AbortController, quickUntilMs: number): void {
    const { clock } = this.#options
    const { periodMs, limitMs } = clock.nowMs() < quickUntilMs ? quick : slow
    this.#timer = clock.after(periodMs, () => this.#go(knocking, quickUntilMs))
    void this.#knock(knocking, limitMs)
  }

  async #knock(knocking: AbortController, limitMs: number): Promise<void> {
    const { clock, knock, onAnswer } = this.#options
    const limit = new AbortController()
    const timer = clock.after(limitMs, () => limit.abort())
    const onStop = () => timer.cancel()
    knocking.signal.addEventListener('abort', onStop)
    const isAnswered = await knock(AbortSignal.any([knocking.signal, limit.signal])).catch(() => false)
    knocking.signal.removeEventListener('abort', onStop)
    timer.cancel()
    if (!isAnswered || knocking.signal.aborted) return
    this.stop()
    onAnswer()
  }
}
