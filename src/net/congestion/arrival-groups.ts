/** Packets sent within this of the group's first one belong to it. */
const groupUs = 5000
/** So do those that a link held back and then let out together, up to this long. */
const burstGapUs = 5000
const maxBurstUs = 100_000

interface Group {
  firstSentUs: number
  lastSentUs: number
  firstArrivalUs: number
  lastArrivalUs: number
}

/**
 * Gathers packets into groups that were sent as one burst, and compares each group with the one before it
 * (draft-ietf-rmcat-gcc-02, sections 5.2 and 5.3): what the second took longer to arrive than to be sent is the change of
 * the queueing delay.
 */
export class ArrivalGroups {
  #previous: Group | undefined
  #current: Group | undefined
  #sentDeltaUs = 0
  #arrivalDeltaUs = 0

  /** From the end of one group to the end of the next, on the sender's clock; good after `add` returned true. */
  get sentDeltaUs(): number {
    return this.#sentDeltaUs
  }

  /** The same on the receiver's clock. */
  get arrivalDeltaUs(): number {
    return this.#arrivalDeltaUs
  }

  /** Adds a packet that arrived. True when it completed a pair of groups. */
  add(sentUs: number, arrivalUs: number): boolean {
    const current = this.#current
    if (!current) {
      this.#current = newGroup(sentUs, arrivalUs)
      return false
    }
    // Out of order: it says nothing about the queue now.
    if (sentUs < current.firstSentUs) return false
    if (belongs(current, sentUs, arrivalUs)) {
      current.lastSentUs = Math.max(current.lastSentUs, sentUs)
      current.lastArrivalUs = Math.max(current.lastArrivalUs, arrivalUs)
      return false
    }
    const previous = this.#previous
    this.#previous = current
    this.#current = newGroup(sentUs, arrivalUs)
    if (!previous) return false
    this.#sentDeltaUs = current.lastSentUs - previous.lastSentUs
    this.#arrivalDeltaUs = current.lastArrivalUs - previous.lastArrivalUs
    return true
  }

  /** When the last packet of the newest complete group arrived. */
  get completedUs(): number {
    return this.#previous?.lastArrivalUs ?? 0
  }

  reset(): void {
    this.#previous = undefined
    this.#current = undefined
  }
}

function newGroup(sentUs: number, arrivalUs: number): Group {
  return { firstSentUs: sentUs, lastSentUs: sentUs, firstArrivalUs: arrivalUs, lastArrivalUs: arrivalUs }
}

function belongs(group: Group, sentUs: number, arrivalUs: number): boolean {
  if (sentUs - group.firstSentUs <= groupUs) return true
  const arrivalGapUs = arrivalUs - group.lastArrivalUs
  const cameFaster = arrivalGapUs < sentUs - group.lastSentUs
  return cameFaster && arrivalGapUs <= burstGapUs && arrivalUs - group.firstArrivalUs < maxBurstUs
}
