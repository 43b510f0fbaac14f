/** Few, so that viewers with much the same losses share the packets. */
const rungs = [5, 10, 20, 35, 50] as const
const mostPercent = 50
/** Losses come in bunches: parity has to be so many times their average. */
const cover = 2.5
/** Downwards only after this long without need for more. */
const calmUs = 10_000_000

/**
 * How much parity goes with each picture, in percent of its packets: more at once when losses grow, less when they have been
 * few for a while.
 */
export class ParityShare {
  #percent: number = rungs[1]
  #neededUs = -Infinity

  get percent(): number {
    return this.#percent
  }

  /** Looks at the losses (0 to 1). The percentage before, when it changed. */
  update(lossRatio: number, nowUs: number): number | undefined {
    const wanted = rungs.find((rung) => rung >= lossRatio * 100 * cover) ?? mostPercent
    if (this.#neededUs === -Infinity || wanted >= this.#percent) this.#neededUs = nowUs
    const isDown = wanted < this.#percent
    if (wanted === this.#percent || (isDown && nowUs - this.#neededUs < calmUs)) return undefined
    const before = this.#percent
    this.#percent = wanted
    this.#neededUs = nowUs
    return before
  }
}
