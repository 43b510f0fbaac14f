import type { Clock } from './clock.ts'

/** How long to wait between tries: `min(baseDelayMs * 2^attempt, maxDelayMs) * (1 ± jitterFactor)` (seed 003). */
export interface BackoffPolicy {
  /** Delay before the first retry. */
  readonly baseDelayMs: number
  /** Cap of the delay before jitter. */
  readonly maxDelayMs: number
  /** 0.3 spreads each delay over ±30 %. */
  readonly jitterFactor: number
  /** The attempt count starts again after this long without a failure. */
  readonly healthyAfterMs: number
}

/** The delay before retry number `attempt` (0 is the first); `random` is uniform in [0, 1). */
export function backoffDelayMs(attempt: number, policy: BackoffPolicy, random: number): number {
  const plainMs = Math.min(policy.baseDelayMs * 2 ** attempt, policy.maxDelayMs)
  return plainMs * (1 + policy.jitterFactor * (2 * random - 1))
}

/** The one owner of a retry sequence: it counts failures and forgets them after a healthy while. */
export class Backoff {
  readonly #policy: BackoffPolicy
  readonly #clock: Clock
  readonly #random: () => number
  #attempt = 0
  #healthySinceMs: number | undefined

  constructor(policy: BackoffPolicy, clock: Clock, random: () => number) {
    this.#policy = policy
    this.#clock = clock
    this.#random = random
  }

  /** Failures since the last healthy while. */
  get attempt(): number {
    return this.#attempt
  }

  /** It works (again), from now on. */
  succeeded(): void {
    this.#healthySinceMs ??= this.#clock.nowMs()
  }

  /** It failed: returns how long to wait before the next try, in milliseconds. */
  failed(): number {
    const healthySinceMs = this.#healthySinceMs
    if (healthySinceMs !== undefined && this.#clock.nowMs() - healthySinceMs >= this.#policy.healthyAfterMs) {
      this.#attempt = 0
    }
    this.#healthySinceMs = undefined
    return backoffDelayMs(this.#attempt++, this.#policy, this.#random())
  }
}
