/** What came of the rate is looked at over about so long. */
const memoryUs = 500_000
/** A longer pause is a screen at rest, of which nothing was to be expected. */
const longestUs = 70_000
/** How fast what is missing is made up for, and how much sooner what is too much is taken back. */
const upUs = 1_000_000
const downUs = 200_000
const mostFactor = 1.25
/** An encoder is told of changes that are worth it. */
const step = 0.02
/** At a finer quantizer than this it is the picture that needs no more. */
const coarseQuantizer = 18

/**
 * A coder whose buffer is as small as a live one's has to be gives less than its rate, since it keeps off the edge of that buffer. This finds by
 * how much the rate has to be raised for what comes out to be what was asked for, on the average. Pure.
 */
export class RateFollower {
  #factor = 1
  #askedBits = 0
  #codedBits = 0
  #lastUs: number | undefined

  /** What to multiply the rate with: 1 to 1.25, in steps. */
  get factor(): number {
    return Math.round(this.#factor / step) * step
  }

  /** A picture was coded at a rate of `bitrateBps`. */
  coded(bits: number, bitrateBps: number, timeUs: number, quantizer: number | undefined): void {
    const sinceUs = Math.max(0, timeUs - (this.#lastUs ?? timeUs))
    this.#lastUs = timeUs
    if (sinceUs === 0) return
    if (sinceUs > longestUs) return this.#forget()
    const kept = Math.exp(-sinceUs / memoryUs)
    this.#askedBits = this.#askedBits * kept + (bitrateBps * sinceUs) / 1e6
    this.#codedBits = this.#codedBits * kept + bits
    const share = this.#codedBits / this.#askedBits
    const isKnown = this.#askedBits > (bitrateBps * memoryUs) / 2e6
    if (share > 1) this.#factor -= (share - 1) * this.#factor * Math.min(1, sinceUs / downUs)
    else if (isKnown && quantizer !== undefined && quantizer >= coarseQuantizer) {
      this.#factor += (1 - share) * this.#factor * (sinceUs / upUs)
    }
    this.#factor = Math.max(1, Math.min(mostFactor, this.#factor))
  }

  #forget(): void {
    this.#askedBits = 0
    this.#codedBits = 0
  }
}
