import type { Clock, Timer } from '../../kernel/clock.ts'

export interface ReachabilityOptions {
  readonly clock: Clock
  /** Whether anybody answers now. */
  readonly knock: (signal: AbortSignal) => Promise<boolean>
  /** Somebody has answered; nobody knocks any more. */
  readonly onAnswer: () => void
}

/** A knock that was lost on a dead path is not waited for while the path may be back. */
const knockLimitMs = 500
const knockPeriodMs = 250

/**
 * Knocks at the host's door while it is away: a browser tells only of its own network, not of what lies between it and the
 * host, and a connection that is being opened waits longer and longer before it sends its first packet again.
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
    void this.#knock(this.#knocking)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#knocking?.abort()
    this.#knocking = undefined
  }

  async #knock(knocking: AbortController): Promise<void> {
    const { clock, knock, onAnswer } = this.#options
    const limit = new AbortController()
    const timer = clock.after(knockLimitMs, () => limit.abort())
    const isAnswered = await knock(AbortSignal.any([knocking.signal, limit.signal])).catch(() => false)
    timer.cancel()
    if (knocking.signal.aborted) return
    if (!isAnswered) {
      this.#timer = clock.after(knockPeriodMs, () => void this.#knock(knocking))
      return
    }
    this.#knocking = undefined
    onAnswer()
  }
}
