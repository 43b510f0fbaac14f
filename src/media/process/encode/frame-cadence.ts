/** No picture may count for more time than this: it has to fit into the encoder's rate buffer with room to spare. */
const longestUs = 70_000

/** How fast a slower cadence is believed, for each picture. */
const patience = 0.15

const steps = [4, 3, 2, 1.5, 1] as const

/**
 * Encoders without delay count every picture as one at the nominal rate, so that 24 pictures a second would get 24/60 of
 * the bits. This finds by how much the rate has to be raised for pictures that really come more slowly. It follows a
 * faster cadence with the very picture that is early, and a slower one only after a while, so that the bits a second
 * never exceed what was asked for.
 */
export class FrameCadence {
  readonly #nominalUs: number
  #lastUs: number | undefined
  #meanUs: number

  constructor(fps: number) {
    this.#nominalUs = 1_000_000 / fps
    this.#meanUs = this.#nominalUs
  }

  /** What to multiply the rate with for the picture of this time: 1 at the nominal rate, never less, at most 4. */
  next(timeUs: number): number {
    const intervalUs = this.#lastUs === undefined ? this.#nominalUs : Math.min(timeUs - this.#lastUs, longestUs)
    this.#lastUs = timeUs
    this.#meanUs += (intervalUs - this.#meanUs) * patience
    this.#meanUs = Math.min(this.#meanUs, intervalUs * 1.1)
    const wanted = (Math.min(this.#meanUs, intervalUs) / this.#nominalUs) * 1.02
    return steps.find((step) => step <= wanted) ?? 1
  }
}
