const ticksPerUs = 0.09
/** Two pictures never share a timestamp: a receiver would take them for one. */
const leastStepTicks = 90

/**
 * RTP timestamps of a viewer's pictures: 90 kHz of the host's monotonic clock, which all producers share, and so one
 * line through every switch.
 */
export class VideoTimeline {
  readonly #origin: number
  #lastTicks = Number.NEGATIVE_INFINITY

  /** `origin` is random, 32 bits (RFC 3550, section 5.1). */
  constructor(origin: number) {
    this.#origin = origin
  }

  /** The timestamp of the next picture. It moves forward even where a switch goes back in time a little. */
  next(captureUs: number): number {
    this.#lastTicks = Math.max(Math.round(captureUs * ticksPerUs), this.#lastTicks + leastStepTicks)
    return (this.#origin + this.#lastTicks) >>> 0
  }

  /** The timestamp that a picture captured at this moment has, for sender reports. */
  at(nowUs: number): number {
    return (this.#origin + Math.round(nowUs * ticksPerUs)) >>> 0
  }
}
