import type { Clock, Timer } from '../../kernel/clock.ts'

/** Something that has work left for a little later. */
export interface Pumped {
  /** Does what is due; true while something still waits. */
  pump(nowUs: number): boolean
}

/** Fine enough for a pacer whose bursts last 5 ms. */
const periodMs = 2

/** One timer for the pacers of all viewers. It runs only while one of them has something waiting. */
export class Pump {
  readonly #clock: Clock
  readonly #nowUs: () => number
  readonly #waiting = new Set<Pumped>()
  #timer: Timer | undefined

  constructor(options: { clock: Clock; nowUs: () => number }) {
    this.#clock = options.clock
    this.#nowUs = options.nowUs
  }

  /** Calls `pumped` from now on, until it says that nothing waits or is removed. */
  wake(pumped: Pumped): void {
    this.#waiting.add(pumped)
    this.#timer ??= this.#clock.every(periodMs, () => this.#turn())
  }

  remove(pumped: Pumped): void {
    this.#waiting.delete(pumped)
    this.#restWhenIdle()
  }

  #turn(): void {
    const nowUs = this.#nowUs()
    for (const pumped of this.#waiting) if (!pumped.pump(nowUs)) this.#waiting.delete(pumped)
    this.#restWhenIdle()
  }

  #restWhenIdle(): void {
    if (this.#waiting.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
