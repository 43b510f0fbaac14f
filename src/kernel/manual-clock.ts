import type { Clock, Timer } from './clock.ts'

interface Entry {
  atMs: number
  order: number
  call: () => void
}

/** A clock that stands still until `advance` moves it; calls run in order of their time, then of their making. */
export class ManualClock implements Clock {
  #nowMs = 0
  #order = 0
  #entries: Entry[] = []
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
    const entry = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, call }
    this.#entries.push(entry)
    return {
      cancel: () => {
        this.#entries = this.#entries.filter((other) => other !== entry)
      },
    }
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
    return this.#entries.length
  }

  /** Moves time forward, running every call that falls due, including those made on the way. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    while (this.#entries.length > 0) {
      const due = this.#entries
        .filter((entry) => entry.atMs <= untilMs)
        .toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0]
      if (!due) break
      this.#entries = this.#entries.filter((entry) => entry !== due)
      this.#nowMs = due.atMs
      due.call()
    }
    this.#nowMs = untilMs
  }
}
