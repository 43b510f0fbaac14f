import { WindowedMin } from '../congestion/windowed-min.ts'

/** Long enough for the way without queues to be seen, short enough for clocks that drift. */
const shortestSpanUs = 20_000_000
/** Of the latest arrivals so many are looked at, and this share of them has to be in time. */
const kept = 256
const inTimeShare = 0.98
/** What is late pulls the delay up at once; it comes down by this much of a second each second. */
const fallPerS = 0.02
const leastUs = 0
const mostUs = 500_000
/** A frame that comes a little after the one before it needs no more delay. */
const marginUs = 2_000

/**
 * How long what arrives is held back, so that nearly all of it is there when it is its turn: an adaptive jitter buffer's delay, by
 * what arrivals of late have waited beyond the shortest way. Two clocks that are not set alike; only differences mean anything. Pure.
 */
export class PlayoutDelay {
  readonly #shortest = new WindowedMin(shortestSpanUs)
  readonly #latenessUs = new Float64Array(kept)
  #count = 0
  #delayUs = leastUs
  #updatedUs: number | undefined

  /** Beyond the shortest way, in microseconds. */
  get delayUs(): number {
    return this.#delayUs
  }

  /** Something that was captured at `captureUs` by the sender's clock has arrived. */
  onArrived(captureUs: number, arrivalUs: number): void {
    this.#shortest.add(arrivalUs - captureUs, arrivalUs)
    this.#latenessUs[this.#count++ % kept] = arrivalUs - captureUs - this.#shortest.value
    const wantedUs = Math.min(mostUs, this.#wantedUs())
    const elapsedUs = Math.max(0, arrivalUs - (this.#updatedUs ?? arrivalUs))
    this.#updatedUs = arrivalUs
    this.#delayUs = Math.max(leastUs, wantedUs, this.#delayUs - elapsedUs * fallPerS)
  }

  /** When it is the turn of what was captured then, by the receiver's clock. */
  dueUs(captureUs: number): number {
    return captureUs + this.#shortest.value + this.#delayUs
  }

  #wantedUs(): number {
    const seen = this.#latenessUs.slice(0, Math.min(this.#count, kept)).toSorted()
    const late = seen[Math.min(seen.length - 1, Math.floor(seen.length * inTimeShare))] as number
    return late <= marginUs ? leastUs : late + marginUs
  }
}
