/** What of a rate one of those has who share it. */
export interface RateShare {
  /** Takes as much; false where that is more than it may now. */
  take(amount: number): boolean
  /** Leaves its part to the others. Once. */
  leave(): void
}

interface Filling {
  left: number
  atMs: number
}

/** What a packet counts besides its bytes, so that one limit holds for bytes and for packets: 10,000 small ones at 2,500,000 bytes a second. */
export const packetCostBytes = 250

/** What may go at once, of what goes in a second. */
const burstS = 0.25

/**
 * A rate that many share: each has an equal part of it for certain, and may take what others leave over, up to a rate of its own. So one that sends
 * without measure has all that is left, and those who send little lose nothing by it.
 */
export class SharedRate {
  readonly #inAll: number
  readonly #each: number
  readonly #nowMs: () => number
  readonly #common: Filling
  #members = 0

  /** `inAll` and `each` are amounts a second. */
  constructor(options: { readonly inAll: number; readonly each: number; readonly nowMs: () => number }) {
    const { inAll, each, nowMs } = options
    this.#inAll = inAll
    this.#each = each
    this.#nowMs = nowMs
    this.#common = { left: inAll * burstS, atMs: nowMs() }
  }

  join(): RateShare {
    this.#members++
    const atMs = this.#nowMs()
    const own: Filling = { left: this.#each * burstS, atMs }
    // Certain from the first moment on; who comes again and again has no more by it than its own rate.
    const certain: Filling = { left: 0, atMs }
    return {
      take: (amount) => this.#take(amount, own, certain),
      leave: () => void this.#members--,
    }
  }

  #take(amount: number, own: Filling, certain: Filling): boolean {
    const nowMs = this.#nowMs()
    fill(own, this.#each, nowMs)
    fill(certain, this.#inAll / this.#members, nowMs)
    fill(this.#common, this.#inAll, nowMs)
    if (own.left < amount) return false
    const isCertain = certain.left >= amount
    if (!isCertain && this.#common.left < amount) return false
    if (isCertain) certain.left -= amount
    own.left -= amount
    // What was certain is taken from what all have, and may leave a debt there that is no larger than a burst.
    this.#common.left -= amount
    return true
  }
}

function fill(filling: Filling, perSecond: number, nowMs: number): void {
  const passedS = Math.max(0, nowMs - filling.atMs) / 1000
  filling.left = Math.min(perSecond * burstS, filling.left + passedS * perSecond)
  filling.atMs = nowMs
}
