import { HeapClock } from './heap-clock.ts'

/** A clock that stands still until `advance` moves it. */
export class ManualClock extends HeapClock {
  #nowMs = 0
  readonly #epochMs: number

  constructor(epochMs = Date.UTC(2026, 0, 1)) {
    super()
    this.#epochMs = epochMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  epochMs(): number {
    return this.#epochMs + this.#nowMs
  }

  /** Moves time forward, running every call that falls due, including those made on the way. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    while (this.nextMs <= untilMs) {
      this.#nowMs = this.nextMs
      this.runNext()
    }
    this.#nowMs = untilMs
  }
}
