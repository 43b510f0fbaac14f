import { messageOf } from '../kernel/coded-error.ts'
import { sleep, type Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'

/** All steps together take no longer than this. */
export const teardownMs = 5000

/** What is kept back for each step that still waits, so that a stuck one does not take its time away. */
const reserveMs = 150

/** What has been opened, to be closed in reverse order. A step that fails or hangs is logged and the next one goes on. */
export class Teardown {
  readonly #steps: { readonly name: string; readonly close: () => Promise<unknown> | void }[] = []
  readonly #clock: Clock
  readonly #log: Log

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** Adds what was opened last. */
  add(name: string, close: () => Promise<unknown> | void): void {
    this.#steps.push({ name, close })
  }

  /** Closes everything; names what did not close in time. Never rejects. */
  async run(): Promise<readonly string[]> {
    const endMs = this.#clock.nowMs() + teardownMs
    const stuck: string[] = []
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      const budgetMs = Math.max(reserveMs, endMs - this.#clock.nowMs() - reserveMs * this.#steps.length)
      if (!(await this.#close(step.name, step.close, budgetMs))) stuck.push(step.name)
    }
    return stuck
  }

  async #close(name: string, close: () => Promise<unknown> | void, budgetMs: number): Promise<boolean> {
    const startedMs = this.#clock.nowMs()
    const late = new AbortController()
    const closing = (async () => {
      try {
        await close()
      } catch (error) {
        this.#log.error(`Could not close the ${name}`, { error: messageOf(error) })
      }
      return true
    })()
    const timeout = sleep(this.#clock, budgetMs, late.signal).then(
      () => false,
      () => true,
    )
    const done = await Promise.race([closing, timeout])
    late.abort()
    const tookMs = Math.round(this.#clock.nowMs() - startedMs)
    if (done) this.#log.debug(`Closed the ${name}`, { tookMs })
    else this.#log.error(`The ${name} does not close`, { waitedMs: tookMs })
    return done
  }
}
