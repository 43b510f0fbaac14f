import type { Clock } from '../kernel/clock.ts'

/** How long somebody was reached by which path. */
export class PathStopwatch {
  readonly #clock: Clock
  readonly #durationsMs = new Map<string, number>()
  #now: { readonly path: string; readonly sinceMs: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** From now on it is this path. */
  take(path: string): void {
    this.stop()
    this.#now = { path, sinceMs: this.#clock.nowMs() }
  }

  stop(): void {
    for (const [path, durationMs] of this.read()) this.#durationsMs.set(path, durationMs)
    this.#now = undefined
  }

  /** Milliseconds by path, up to now. */
  read(): ReadonlyMap<string, number> {
    const durations = new Map(this.#durationsMs)
    if (this.#now) {
      const { path, sinceMs } = this.#now
      durations.set(path, (durations.get(path) ?? 0) + this.#clock.nowMs() - sinceMs)
    }
    return durations
  }
}
