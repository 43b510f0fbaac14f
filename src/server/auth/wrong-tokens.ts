import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { sourceOf } from '../../net/udp/source-of.ts'

const periodMs = 60_000
/** Sources that are counted apart within a minute; the rest counts together. */
const maxSources = 256
/** Sources that are told by name, those with most tries first. */
const maxTold = 5

/**
 * Tells the operator of wrong tokens once a minute in which any came: how many, and from where. Whoever tries them chooses how
 * many there are, and would write the log otherwise.
 */
export class WrongTokens implements Disposable {
  readonly #clock: Clock
  readonly #log: Log
  readonly #bySource = new Map<string, number>()
  #others = 0
  #total = 0
  #timer: Timer | undefined

  constructor(options: { clock: Clock; log: Log }) {
    this.#clock = options.clock
    this.#log = options.log
  }

  /** How many there were since the start. */
  get total(): number {
    return this.#total
  }

  /** One more, from this address. */
  add(address: string): void {
    this.#total++
    this.#timer ??= this.#clock.after(periodMs, () => this.#tell())
    const source = sourceOf(address)
    const count = this.#bySource.get(source)
    if (count === undefined && this.#bySource.size >= maxSources) this.#others++
    else this.#bySource.set(source, (count ?? 0) + 1)
  }

  /** Tells what it has not told yet. */
  [Symbol.dispose](): void {
    this.#tell()
  }

  #tell(): void {
    if (!this.#timer) return
    this.#timer.cancel()
    this.#timer = undefined
    const sources = [...this.#bySource].toSorted(([, one], [, other]) => other - one)
    this.#log.warn('Wrong tokens came', {
      count: sources.reduce((sum, [, count]) => sum + count, this.#others),
      withinS: periodMs / 1000,
      from: Object.fromEntries(sources.slice(0, maxTold)),
      sources: sources.length,
    })
    this.#bySource.clear()
    this.#others = 0
  }
}
