/** No viewer takes a shorter pause between two pictures for one that stands still. */
const leastUs = 150_000

/** Adds up the time in which a source had no new pictures: a screen at rest, of which nothing was due. */
export class RestMeter {
  #restUs = 0
  #latestUs: number | undefined

  picture(nowUs: number): void {
    this.#restUs += this.#pauseUs(nowUs)
    this.#latestUs = nowUs
  }

  /** In milliseconds, up to now. */
  restMs(nowUs: number): number {
    return (this.#restUs + this.#pauseUs(nowUs)) / 1000
  }

  #pauseUs(nowUs: number): number {
    const pauseUs = nowUs - (this.#latestUs ?? nowUs)
    return pauseUs < leastUs ? 0 : pauseUs
  }
}
