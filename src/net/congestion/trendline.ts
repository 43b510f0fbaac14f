/** Groups that the line is laid through. */
const windowGroups = 20
const smoothing = 0.9
/** The slope is scaled with the number of groups seen, up to this many, so that a young estimate is a careful one. */
const maxCountedGroups = 60
const gain = 4

/**
 * The slope of the queueing delay over time: a line laid by least squares through the smoothed, summed-up changes of
 * delay of the last groups. It stands in for the Kalman filter of draft-ietf-rmcat-gcc-02, section 5.3, as in the
 * trendline variant of the same algorithm.
 */
export class Trendline {
  readonly #arrivalMs = new Float64Array(windowGroups)
  readonly #delayMs = new Float64Array(windowGroups)
  #groups = 0
  #accumulatedMs = 0
  #smoothedMs = 0
  #slope = 0

  /** Adds the change of delay between two groups, the second of which was complete at `arrivalMs`. */
  add(deltaMs: number, arrivalMs: number): void {
    this.#accumulatedMs += deltaMs
    this.#smoothedMs = smoothing * this.#smoothedMs + (1 - smoothing) * this.#accumulatedMs
    const place = this.#groups % windowGroups
    this.#arrivalMs[place] = arrivalMs
    this.#delayMs[place] = this.#smoothedMs
    this.#groups++
    if (this.#groups >= windowGroups) this.#slope = this.#leastSquares() ?? this.#slope
  }

  /** The slope, scaled so that it can be held against a threshold in milliseconds. 0 until the window is full. */
  get trendMs(): number {
    return this.#slope * gain * Math.min(this.#groups, maxCountedGroups)
  }

  #leastSquares(): number | undefined {
    const meanX = mean(this.#arrivalMs)
    const meanY = mean(this.#delayMs)
    let covariance = 0
    let variance = 0
    for (let index = 0; index < windowGroups; index++) {
      const x = (this.#arrivalMs[index] as number) - meanX
      covariance += x * ((this.#delayMs[index] as number) - meanY)
      variance += x * x
    }
    return variance === 0 ? undefined : covariance / variance
  }

  reset(): void {
    this.#groups = 0
    this.#accumulatedMs = 0
    this.#smoothedMs = 0
    this.#slope = 0
  }
}

function mean(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
