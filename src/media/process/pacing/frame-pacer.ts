/**
 * Keeps to a rate without a fixed raster: what is late does not slow the rate down, and after a pause the next picture
 * may come at once and the one after it half a period later. So captures fall in step with an app that draws at that
 * rate, whatever its phase.
 */
export class FramePacer {
  #periodUs: number
  #dueUs = -Infinity

  constructor(fps: number) {
    this.#periodUs = 1_000_000 / fps
  }

  /** From when on the next picture may come, in microseconds. */
  get dueUs(): number {
    return this.#dueUs
  }

  set fps(fps: number) {
    this.#periodUs = 1_000_000 / fps
  }

  /** A picture comes now. */
  take(nowUs: number): void {
    this.#dueUs = Math.max(this.#dueUs, nowUs - this.#periodUs / 2) + this.#periodUs
  }
}
