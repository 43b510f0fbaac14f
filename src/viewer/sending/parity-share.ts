/** Few, so that viewers with much the same losses share the packets. */
const rungs = [5, 10, 20, 35, 50] as const
/** Where what is lost is sent again, a path that loses nothing needs none. */
const rungsBesideResends = [0, ...rungs] as const
const mostPercent = 50
/** Fewer losses than this need no parity where they can be repaired otherwise, and a smoothed share never is nothing. */
const someLoss = 0.001
/** Losses come in bunches: parity has to be so many times their average. */
const cover = 2.5
/** Downwards only after this long without need for more. */
const calmUs = 10_000_000

/** For what was sent with more parity to have come, or not. */
const patienceUs = 1_000_000

/**
 * How much parity goes with each picture, in percent of its packets: more at once when losses grow or have come in such bunches that
 * pictures are lost in spite of it, less when they have been few for a while.
 */
export class ParityShare {
  readonly #rungs: readonly number[]
  #percent: number
  #neededUs = -Infinity
  #raisedUs = -Infinity
  /** Never less than this, whatever is lost. */
  leastPercent = 0

  /** `isOnly`: nothing else repairs losses. */
  constructor({ isOnly }: { readonly isOnly: boolean } = { isOnly: true }) {
    this.#rungs = isOnly ? rungs : rungsBesideResends
    this.#percent = this.#rungs[isOnly ? 1 : 0] as number
  }

  get percent(): number {
    return this.#percent
  }

  /** Looks at the losses (0 to 1). The percentage before, when it changed. */
  update(lossRatio: number, nowUs: number): number | undefined {
    const neededPercent = Math.max(this.leastPercent, lossRatio < someLoss ? 0 : lossRatio * 100 * cover)
    const wanted = this.#rungs.find((rung) => rung >= neededPercent) ?? mostPercent
    if (this.#neededUs === -Infinity || wanted >= this.#percent) this.#neededUs = nowUs
    const isDown = wanted < this.#percent
    if (wanted === this.#percent || (isDown && nowUs - this.#neededUs < calmUs)) return undefined
    return this.#change(wanted, nowUs)
  }

  /** A picture was lost in spite of its parity. The percentage before, when it changed. */
  tooLittle(nowUs: number): number | undefined {
    this.#neededUs = nowUs
    const more = this.#rungs.find((rung) => rung > this.#percent)
    if (more === undefined || nowUs - this.#raisedUs < patienceUs) return undefined
    return this.#change(more, nowUs)
  }

  #change(percent: number, nowUs: number): number {
    const before = this.#percent
    if (percent > before) this.#raisedUs = nowUs
    this.#percent = percent
    this.#neededUs = nowUs
    return before
  }
}
