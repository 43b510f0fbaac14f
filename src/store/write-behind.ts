import type { Clock, Timer } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import type { Log } from '../kernel/log.ts'

/**
 * Keeps the newest value of each key and writes them together a short while after the first came. Where writing fails it is told in
 * the log, once until it works again, and tried again with the next ones; nothing is kept twice meanwhile.
 */
export class WriteBehind<T> {
  readonly #pending = new Map<string, T>()
  readonly #write: (values: Iterable<T>) => void
  readonly #options: { clock: Clock; log: Log; what: string; delayMs: number; retryMs: number }
  #timer: Timer | undefined
  #isFailing = false

  constructor(
    write: (values: Iterable<T>) => void,
    options: {
      clock: Clock
      log: Log
      /** "the sight of a peer", for the log. */
      what: string
      delayMs: number
      /** Until a failed write is tried again. */
      retryMs: number
    },
  ) {
    this.#write = write
    this.#options = options
  }

  put(key: string, value: T): void {
    this.#pending.set(key, value)
    this.#schedule(this.#options.delayMs)
  }

  delete(key: string): void {
    this.#pending.delete(key)
  }

  /** Writes now; what cannot be written is tried again later, unless this is the end. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#pending.size === 0) return
    const { log, what, retryMs } = this.#options
    try {
      this.#write(this.#pending.values())
      this.#pending.clear()
      if (this.#isFailing) log.info(`Written again: ${what}`)
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) log.warn(`Cannot write ${what}; it is tried again`, { error: messageOf(error) })
      this.#isFailing = true
      this.#schedule(retryMs)
    }
  }

  /** Writes what it can, and ends. */
  close(): void {
    this.flush()
    this.#timer?.cancel()
    this.#timer = undefined
    this.#pending.clear()
  }

  #schedule(delayMs: number): void {
    this.#timer ??= this.#options.clock.after(delayMs, () => {
      this.#timer = undefined
      this.flush()
    })
  }
}
