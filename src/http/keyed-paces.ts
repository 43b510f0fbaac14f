import type { Clock } from '../kernel/clock.ts'
import { TokenBucket } from '../kernel/token-bucket.ts'

/** Remembered at once; the one that was seen first is forgotten for one more. */
const mostKeys = 4096

/** A pace for each of many: an address, a peer. */
export class KeyedPaces {
  readonly #buckets = new Map<string, TokenBucket>()
  readonly #clock: Clock
  readonly #pace: { readonly perSecond: number; readonly burst: number }

  constructor(clock: Clock, pace: { perSecond: number; burst: number }) {
    this.#clock = clock
    this.#pace = pace
  }

  /** One more of that key; false where it was too fast. */
  take(key: string): boolean {
    const nowMs = this.#clock.nowMs()
    let bucket = this.#buckets.get(key)
    if (!bucket) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined && this.#buckets.size >= mostKeys) this.#buckets.delete(oldest)
      bucket = new TokenBucket({ ...this.#pace, nowMs })
      this.#buckets.set(key, bucket)
    }
    return bucket.take(nowMs)
  }
}
