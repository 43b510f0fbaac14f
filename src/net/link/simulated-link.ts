import { seededRandom } from '../../kernel/seeded-random.ts'

/** What a link does to datagrams. Everything but the seed may change while it runs. */
export interface LinkConditions {
  /** What the narrowest part carries, in bits a second; Infinity for a link that is never busy. */
  rateBps: number
  /** How long the way takes when nothing is in it. */
  delayUs: number
  /** Up to this much is added to the delay of each datagram, evenly spread; datagrams stay in order. */
  jitterUs: number
  /** The share of datagrams that is lost at random, 0 to 1. */
  lossRatio: number
  /** How much can wait before the narrowest part, as time at its rate; what finds it full is lost. */
  queueUs: number
}

/**
 * A one-way link in virtual time: a queue before a narrow part, then delay, jitter and seeded loss. Pure: whoever drives
 * it says what time it is, so that a minute of traffic takes milliseconds, and every run is the same.
 */
export class SimulatedLink<Datagram> {
  conditions: LinkConditions
  readonly #random: () => number
  readonly #onTheWay: { datagram: Datagram; arrivalUs: number }[] = []
  #delivered = 0
  #freeUs = 0
  #newestUs = 0
  #lost = 0

  constructor(conditions: Partial<LinkConditions>, seed: number) {
    this.conditions = { rateBps: Infinity, delayUs: 0, jitterUs: 0, lossRatio: 0, queueUs: 300_000, ...conditions }
    this.#random = seededRandom(seed)
  }

  /** Datagrams lost so far, at random or before a full queue. */
  get lost(): number {
    return this.#lost
  }

  /** How long a datagram that came now would wait before the narrow part. */
  queueUs(nowUs: number): number {
    return Math.max(0, this.#freeUs - nowUs)
  }

  /** Puts a datagram on its way, with `bytes` on the wire. False when it is lost. `nowUs` never goes back. */
  send(datagram: Datagram, bytes: number, nowUs: number): boolean {
    // The same number of draws for every datagram: what is lost does not depend on the other conditions.
    const isLost = this.#random() < this.conditions.lossRatio
    const jitterUs = this.#random() * this.conditions.jitterUs
    if (this.queueUs(nowUs) > this.conditions.queueUs) {
      this.#lost++
      return false
    }
    this.#freeUs = Math.max(nowUs, this.#freeUs) + (bytes * 8e6) / this.conditions.rateBps
    if (isLost) {
      this.#lost++
      return false
    }
    this.#newestUs = Math.max(this.#newestUs, this.#freeUs + this.conditions.delayUs + jitterUs)
    this.#onTheWay.push({ datagram, arrivalUs: this.#newestUs })
    return true
  }

  /** When the next datagram arrives; undefined when none is on its way. */
  get nextArrivalUs(): number | undefined {
    return this.#onTheWay[this.#delivered]?.arrivalUs
  }

  /** Takes out the next datagram that has arrived by `nowUs`. */
  receive(nowUs: number): { readonly datagram: Datagram; readonly arrivalUs: number } | undefined {
    const next = this.#onTheWay[this.#delivered]
    if (!next || next.arrivalUs > nowUs) return undefined
    this.#delivered++
    if (this.#delivered > 1000) this.#onTheWay.splice(0, this.#delivered)
    if (this.#delivered > 1000) this.#delivered = 0
    return next
  }
}
