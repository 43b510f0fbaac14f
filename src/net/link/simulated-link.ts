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
  /** How many are lost one after the other, on the average, where any are; 1 for each by itself. */
  lossBurst: number
  /** The share that comes late by up to {@link reorderUs}, and so behind others, 0 to 1. */
  reorderRatio: number
  reorderUs: number
  /** The share that comes twice, 0 to 1. */
  duplicateRatio: number
  /** How much can wait before the narrowest part, as time at its rate; what finds it full is lost. */
  queueUs: number
}

const freeLink: LinkConditions = {
  rateBps: Infinity,
  delayUs: 0,
  jitterUs: 0,
  lossRatio: 0,
  lossBurst: 1,
  reorderRatio: 0,
  reorderUs: 20_000,
  duplicateRatio: 0,
  queueUs: 300_000,
}

/**
 * A one-way link in virtual time: a queue before a narrow part, then delay, jitter and seeded loss. Pure: whoever drives
 * it says what time it is, so that a minute of traffic takes milliseconds, and every run is the same.
 */
export class SimulatedLink<Datagram> {
  conditions: LinkConditions
  readonly #random: () => number
  /** Of what happens to few links, so that the losses of the others stay what they were. */
  readonly #rareRandom: () => number
  #isLosing = false
  readonly #onTheWay: { datagram: Datagram; arrivalUs: number }[] = []
  #delivered = 0
  #freeUs = 0
  #newestUs = 0
  #lost = 0
  #carriedBytes = 0

  constructor(conditions: Partial<LinkConditions>, seed: number) {
    this.conditions = { ...freeLink, ...conditions }
    this.#random = seededRandom(seed)
    this.#rareRandom = seededRandom(~seed)
  }

  /** Datagrams lost so far, at random or before a full queue. */
  get lost(): number {
    return this.#lost
  }

  /** What has found room before the narrow part, in all, be it lost behind that or not. */
  get carriedBytes(): number {
    return this.#carriedBytes
  }

  /** How long a datagram that came now would wait before the narrow part. */
  queueUs(nowUs: number): number {
    return Math.max(0, this.#freeUs - nowUs)
  }

  /** Puts a datagram on its way, with `bytes` on the wire. False when it is lost. `nowUs` never goes back. */
  send(datagram: Datagram, bytes: number, nowUs: number): boolean {
    // The same number of draws for every datagram: what is lost does not depend on the other conditions.
    const isLost = this.#loses(this.#random())
    const jitterUs = this.#random() * this.conditions.jitterUs
    if (this.queueUs(nowUs) > this.conditions.queueUs) {
      this.#lost++
      return false
    }
    this.#carriedBytes += bytes
    this.#freeUs = Math.max(nowUs, this.#freeUs) + (bytes * 8e6) / this.conditions.rateBps
    if (isLost) {
      this.#lost++
      return false
    }
    this.#newestUs = Math.max(this.#newestUs, this.#freeUs + this.conditions.delayUs + jitterUs)
    const { reorderRatio, reorderUs, duplicateRatio } = this.conditions
    const isLate = reorderRatio > 0 && this.#rareRandom() < reorderRatio
    this.#arrive(datagram, this.#newestUs + (isLate ? this.#rareRandom() * reorderUs : 0))
    if (duplicateRatio > 0 && this.#rareRandom() < duplicateRatio) {
      this.#arrive(datagram, this.#newestUs + this.#rareRandom() * reorderUs)
    }
    return true
  }

  /** Gilbert's model where losses come in bursts: the link is good, or loses everything for a while. */
  #loses(draw: number): boolean {
    const { lossRatio, lossBurst } = this.conditions
    if (lossBurst <= 1) return draw < lossRatio
    const toGood = 1 / lossBurst
    const toBad = (lossRatio * toGood) / (1 - lossRatio)
    this.#isLosing = draw < (this.#isLosing ? 1 - toGood : toBad)
    return this.#isLosing
  }

  #arrive(datagram: Datagram, arrivalUs: number): void {
    let place = this.#onTheWay.length
    while (place > this.#delivered && (this.#onTheWay[place - 1]?.arrivalUs ?? 0) > arrivalUs) place--
    this.#onTheWay.splice(place, 0, { datagram, arrivalUs })
  }

  /** When the last of those on their way arrives; undefined when none is. */
  get latestUs(): number | undefined {
    return this.#onTheWay.length === this.#delivered ? undefined : this.#onTheWay.at(-1)?.arrivalUs
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
