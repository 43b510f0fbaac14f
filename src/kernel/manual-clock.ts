import type { Clock, Timer } from './clock.ts'
import { TimerHeap } from './timer-heap.ts'

/** A clock that stands still until `advance` moves it; calls run in order of their time, then of their making. */
export class ManualClock implements Clock {
  #nowMs = 0
  #order = 0
  readonly #calls = new TimerHeap()
  readonly #epochMs: number

  constructor(epochMs = Date.UTC(2026, 0, 1)) {
    this.#epochMs = epochMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  epochMs(): number {
    return this.#epochMs + this.#nowMs
  }

  after(delayMs: number, call: () => void): Timer {
    return { cancel: this.#calls.add({ atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, call }) }
  }

  every(periodMs: number, call: () => void): Timer {
    if (!(periodMs > 0)) throw new RangeError(`Cannot repeat every ${periodMs} ms: the period must be positive`)
    let timer: Timer
    const arm = () => {
      timer = this.after(periodMs, () => {
        arm()
        call()
      })
    }
    arm()
    return { cancel: () => timer.cancel() }
  }

  /** Pending calls, for tests that assert that nothing was left behind. */
  get pending(): number {
    return this.#calls.size
  }

  /** Moves time forward, running every call that falls due, including those made on the way. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    while ((this.#calls.first?.atMs ?? Infinity) <= untilMs) {
      const due = this.#calls.takeFirst()
      if (!due) break
      this.#nowMs = due.atMs
      due.call()
    }
    this.#nowMs = untilMs
  }
}
