import { systemClock } from '../../kernel/clock.ts'
import { HeapClock } from '../../kernel/heap-clock.ts'

/** The machine's clock for a thread that waits by itself and not in Node's event loop: its timers run by {@link run}. */
export class PolledClock extends HeapClock {
  nowMs(): number {
    return systemClock.nowMs()
  }

  epochMs(): number {
    return systemClock.epochMs()
  }

  /** Runs what has fallen due by then. What a call makes runs the next time at the soonest. */
  run(nowMs: number): void {
    while (this.nextMs <= nowMs) this.runNext()
  }
}
