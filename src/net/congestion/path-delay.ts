import { WindowedMin } from './windowed-min.ts'

/** Long enough that a standing queue does not pass for the path's own delay, short enough for clocks that drift. */
const shortestSpanUs = 30_000_000
/** Holds the gaps between pictures, in which the queue shows how empty it gets. */
const recentSpanUs = 150_000
/** A few pictures: what even these all waited is the queue as it is now. */
const latestSpanUs = 40_000

/**
 * One-way delays on two clocks that are not set alike: only differences mean something. What the least delayed packets
 * of late waited more than the least delayed ones of a long while is the standing queue.
 */
export class PathDelay {
  readonly #shortest = new WindowedMin(shortestSpanUs)
  readonly #recent = new WindowedMin(recentSpanUs)
  readonly #latest = new WindowedMin(latestSpanUs)
  #newestUs = 0

  add(sentUs: number, arrivalUs: number): void {
    this.#newestUs = arrivalUs
    this.#shortest.add(arrivalUs - sentUs, arrivalUs)
    this.#recent.add(arrivalUs - sentUs, arrivalUs)
    this.#latest.add(arrivalUs - sentUs, arrivalUs)
  }

  /** Arrival minus sending of a packet that found every queue empty; Infinity before the first packet. */
  get shortestUs(): number {
    return this.#shortest.value
  }

  /** Milliseconds that every packet of late has waited at least. */
  get standingMs(): number {
    return this.#aboveShortestMs(this.#recent.value)
  }

  /** The same of the very last packets: it is sooner to rise, and easier to mistake. */
  get latestMs(): number {
    return this.#aboveShortestMs(this.#latest.value)
  }

  #aboveShortestMs(delayUs: number): number {
    return delayUs === Infinity ? 0 : (delayUs - this.#shortest.value) / 1000
  }

  /** The path is another one: what packets take now is its shortest delay. */
  rebase(): void {
    this.#shortest.reset()
    if (this.#recent.value !== Infinity) this.#shortest.add(this.#recent.value, this.#newestUs)
  }

  /** Forgets what was of late, not what is shortest. */
  forgetRecent(): void {
    this.#recent.reset()
    this.#latest.reset()
  }
}
