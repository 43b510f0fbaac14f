/** What the delay says about the rate: the queue grows, stays, or runs empty. */
export type PathUsage = 'overuse' | 'normal' | 'underuse'

const startThresholdMs = 12.5
const minThresholdMs = 6
const maxThresholdMs = 600
/** How fast the threshold follows a trend above and below it, per millisecond. */
const gainUp = 0.0087
const gainDown = 0.039
/** A trend this far above the threshold is an outlier and does not move it. */
const outlierMs = 15
/** The trend must stay above the threshold for this long. */
const overuseMs = 10

/** Compares the trend of the delay with a threshold that adapts to it (draft-ietf-rmcat-gcc-02, section 5.4). */
export class OveruseDetector {
  #thresholdMs = startThresholdMs
  #adaptedMs: number | undefined
  #overMs = 0
  #overCount = 0
  #previousTrendMs = 0
  #usage: PathUsage = 'normal'

  get usage(): PathUsage {
    return this.#usage
  }

  /** `sentDeltaMs` is the time between the two groups that the trend was updated by; `nowMs` the time of the second. */
  update(trendMs: number, sentDeltaMs: number, nowMs: number): void {
    if (trendMs > this.#thresholdMs) {
      this.#overMs += this.#overCount === 0 ? sentDeltaMs / 2 : sentDeltaMs
      this.#overCount++
      if (this.#overMs > overuseMs && this.#overCount > 1 && trendMs >= this.#previousTrendMs) {
        this.#overMs = 0
        this.#overCount = 0
        this.#usage = 'overuse'
      }
    } else {
      this.#overMs = 0
      this.#overCount = 0
      this.#usage = trendMs < -this.#thresholdMs ? 'underuse' : 'normal'
    }
    this.#previousTrendMs = trendMs
    this.#adapt(Math.abs(trendMs), nowMs)
  }

  #adapt(sizeMs: number, nowMs: number): void {
    const elapsedMs = Math.min(100, nowMs - (this.#adaptedMs ?? nowMs))
    this.#adaptedMs = nowMs
    if (sizeMs > this.#thresholdMs + outlierMs) return
    const gain = sizeMs < this.#thresholdMs ? gainDown : gainUp
    const adaptedMs = this.#thresholdMs + gain * (sizeMs - this.#thresholdMs) * elapsedMs
    this.#thresholdMs = Math.max(minThresholdMs, Math.min(maxThresholdMs, adaptedMs))
  }

  reset(): void {
    this.#thresholdMs = startThresholdMs
    this.#adaptedMs = undefined
    this.#overMs = 0
    this.#overCount = 0
    this.#previousTrendMs = 0
    this.#usage = 'normal'
  }
}
