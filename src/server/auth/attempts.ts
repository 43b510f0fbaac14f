import type { Clock } from '../../kernel/clock.ts'
import { sourceOf } from '../../net/udp/source-of.ts'

export interface AttemptLimits {
  /** What one source may try within the window. */
  readonly attempts: number
  readonly windowMs: number
  /** Sources that are remembered at once; the one that was seen first is forgotten for one more. */
  readonly sources: number
}

export const defaultAttemptLimits: AttemptLimits = { attempts: 10, windowMs: 60_000, sources: 4096 }

interface Entry {
  count: number
  readonly untilMs: number
}

/**
 * Counts tries for each source: an address, or whatever else is tried. Of tokens only the wrong ones are counted, so that
 * nobody can lock others out who share an address with him; they cannot be guessed either, so this only keeps noise down.
 */
export class Attempts {
  readonly #entries = new Map<string, Entry>()
  readonly #clock: Clock
  readonly #limits: AttemptLimits

  constructor(clock: Clock, limits: AttemptLimits = defaultAttemptLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Sources that are remembered now. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * One more try of a source, an IP address for instance. Returns how long it is to wait, in milliseconds, or 0 while it
   * is within its limit.
   */
  add(address: string): number {
    const nowMs = this.#clock.nowMs()
    const source = sourceOf(address)
    let entry = this.#entries.get(source)
    if (!entry || nowMs >= entry.untilMs) {
      this.#entries.delete(source)
      this.#makeRoom()
      entry = { count: 0, untilMs: nowMs + this.#limits.windowMs }
      this.#entries.set(source, entry)
    }
    entry.count++
    return entry.count > this.#limits.attempts ? entry.untilMs - nowMs : 0
  }

  /** Entries stand in order of their windows, so the first one is the oldest. */
  #makeRoom(): void {
    if (this.#entries.size < this.#limits.sources) return
    const oldest = this.#entries.keys().next()
    if (!oldest.done) this.#entries.delete(oldest.value)
  }
}
