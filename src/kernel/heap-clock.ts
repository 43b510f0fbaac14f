import type { Clock, Timer } from './clock.ts'
import { TimerHeap } from './timer-heap.ts'

/** A clock whose timers run when somebody says so; calls run in order of their time, then of their making. */
export abstract class HeapClock implements Clock {
  #order = 0
  readonly #calls = new TimerHeap()

  abstract nowMs(): number
  abstract epochMs(): number

  after(delayMs: number, call: () => void): Timer {
    return { cancel: this.#calls.add({ atMs: this.nowMs() + Math.max(0, delayMs), order: this.#order++, call }) }
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

  /** When the next call falls due; never is Infinity. */
  get nextMs(): number {
    return this.#calls.first?.atMs ?? Infinity
  }

  /** Runs the next call, due or not. */
  protected runNext(): void {
    this.#calls.takeFirst()?.call()
  }
}
