import type { Clock, Timer } from '../../kernel/clock.ts'
import { maxReceiptCount } from '../../wire/web-media/client-media-message.ts'

/** Often enough for the sender to follow the path, seldom enough to cost nothing. */
const periodMs = 25

/** Gathers when messages came and tells it in bunches. */
export class Receipts {
  readonly #clock: Clock
  readonly #tell: (arrivalsUs: readonly number[]) => void
  #arrivalsUs: number[] = []
  #toldMs = -Infinity
  #timer: Timer | undefined

  constructor(clock: Clock, tell: (arrivalsUs: readonly number[]) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** A message came at `nowMs` of the clock. */
  add(nowMs: number): void {
    const before = this.#arrivalsUs.at(-1) ?? 0
    this.#arrivalsUs.push(Math.max(before, Math.round(nowMs * 1000)))
    // Timers of a page that nobody looks at hardly run: what comes keeps it going.
    if (nowMs - this.#toldMs >= periodMs || this.#arrivalsUs.length === maxReceiptCount) this.#flush()
    else this.#timer ??= this.#clock.after(periodMs - (nowMs - this.#toldMs), () => this.#flush())
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#arrivalsUs = []
  }

  #flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#arrivalsUs.length === 0) return
    const arrivalsUs = this.#arrivalsUs
    this.#arrivalsUs = []
    this.#toldMs = this.#clock.nowMs()
    this.#tell(arrivalsUs)
  }
}
