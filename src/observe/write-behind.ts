import type { Clock, Timer } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import type { Log } from '../kernel/log.ts'

export interface WriteBehindOptions<Item> {
  readonly clock: Clock
  readonly log: Log
  /** Writes all of them or throws. */
  readonly write: (items: readonly Item[]) => void
  /** How many may wait when writing fails; the oldest make room. */
  readonly maxWaiting: number
}

/** Within this what matters has been written. */
const soonMs = 500
/** Within this everything has, and a write that failed is tried again. */
const laterMs = 10_000

/** Collects what has changed and writes it together. Whoever changes it never waits for it. */
export class WriteBehind<Item> {
  readonly #options: WriteBehindOptions<Item>
  readonly #waiting = new Set<Item>()
  #timer: { readonly dueMs: number; readonly timer: Timer } | undefined
  #isFailing = false

  constructor(options: WriteBehindOptions<Item>) {
    this.#options = options
  }

  /** The item has changed; `soon` for a change that must not be lost. */
  changed(item: Item, when: 'soon' | 'later'): void {
    const { maxWaiting } = this.#options
    this.#waiting.add(item)
    const [oldest] = this.#waiting
    if (this.#waiting.size > maxWaiting && oldest !== undefined) this.#waiting.delete(oldest)
    // While the disk is full one try after the other would only cost time.
    this.#writeWithin(when === 'soon' && !this.#isFailing ? soonMs : laterMs)
  }

  /** Writes what waits, now. */
  flush(): void {
    this.#timer?.timer.cancel()
    this.#timer = undefined
    if (this.#waiting.size === 0) return
    const { write, log } = this.#options
    try {
      write([...this.#waiting])
      this.#waiting.clear()
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) log.error('Records could not be written', { error: messageOf(error) })
      this.#isFailing = true
      this.#writeWithin(laterMs)
    }
  }

  /** Writes what waits, for the last time. */
  close(): void {
    this.flush()
    this.#timer?.timer.cancel()
  }

  #writeWithin(delayMs: number): void {
    const { clock } = this.#options
    const dueMs = clock.nowMs() + delayMs
    if (this.#timer && this.#timer.dueMs <= dueMs) return
    this.#timer?.timer.cancel()
    this.#timer = { dueMs, timer: clock.after(delayMs, () => this.flush()) }
  }
}
