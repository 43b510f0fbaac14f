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
  /** Ends those that wait for an answer. */
  #calls = new AbortController()
  /** Of those whose answer counts; undefined while nobody knocks. */
  #round: object | undefined
  #timer: Timer | undefined

  constructor(options: ReachabilityOptions) {
    this.#options = options
  }

  /** Knocks until somebody answers. */
  begin(): void {
    if (this.#round) return
    this.#round = {}
    this.#go(this.#round, this.#options.clock.nowMs() + quickForMs)
  }

  /**
   * Knocks no more. What was sent is left to itself: a connection that a browser was about to make for a request that is taken
   * back is given to the next one that it makes, which then waits for packets that were lost.
   */
  stop(): void {
    this.#timer?.cancel()
    this.#round = undefined
  }

  /** Takes back what was sent, too. */
  close(): void {
    this.stop()
    this.#calls.abort()
    this.#calls = new AbortController()
  }

  #go(round: object, quickUntilMs: number): void {
    const { clock } = this.#options
    const { periodMs, limitMs } = clock.nowMs() < quickUntilMs ? quick : slow
    this.#timer = clock.after(periodMs, () => this.#go(round, quickUntilMs))
    void this.#knock(round, limitMs)
  }

  async #knock(round: object, limitMs: number): Promise<void> {
    const { clock, knock, onAnswer } = this.#options
    const { signal } = this.#calls
    const limit = new AbortController()
    const timer = clock.after(limitMs, () => limit.abort())
    const onClose = () => timer.cancel()
    signal.addEventListener('abort', onClose)
    const isAnswered = await knock(AbortSignal.any([signal, limit.signal])).catch(() => false)
    signal.removeEventListener('abort', onClose)
    timer.cancel()
    if (!isAnswered || this.#round !== round) return
    this.stop()
    onAnswer()
  }
}
