const capacity = 2048
/** Less busy time says nothing about a rate. */
const minBusyUs = 5000

/**
 * How fast packets arrived, by the receiver's clock: in all, and while the path was busy. The second is what the path
 * can carry, also for a sender that is silent between its bursts.
 */
export class DeliveredRate {
  readonly #sentUs = new Float64Array(capacity)
  readonly #arrivalUs = new Float64Array(capacity)
  readonly #bytes = new Float64Array(capacity)
  #count = 0
  #firstUs = 0
  #newestUs = -Infinity

  /** Adds a packet that arrived. */
  add(sentUs: number, arrivalUs: number, bytes: number): void {
    if (this.#count === 0) this.#firstUs = arrivalUs
    this.#newestUs = Math.max(this.#newestUs, arrivalUs)
    const place = this.#count++ % capacity
    this.#sentUs[place] = sentUs
    this.#arrivalUs[place] = this.#newestUs
    this.#bytes[place] = bytes
  }

  /** Bits a second over the last `windowUs` up to the newest arrival; undefined before there is half a window of them. */
  rateBps(windowUs: number): number | undefined {
    const spanUs = Math.min(windowUs, this.#newestUs - this.#firstUs)
    if (!(spanUs >= windowUs / 2)) return undefined
    let bytes = 0
    for (let back = 1; back <= Math.min(this.#count, capacity); back++) {
      const place = (this.#count - back) % capacity
      if ((this.#arrivalUs[place] as number) <= this.#newestUs - spanUs) break
      bytes += this.#bytes[place] as number
    }
    return (bytes * 8e6) / spanUs
  }

  /**
   * Bits a second over the part of the last `windowUs` in which packets waited for each other: a packet keeps the path
   * busy from when the one before it arrived, or from when it would have arrived on an empty path, until it arrives. The
   * longest wait of all is left out: it can be a path that changed or a radio that was away. Undefined when there was
   * too little to measure.
   *
   * @param shortestUs - Arrival minus sending on the empty path, see `PathDelay`.
   */
  busyRateBps(windowUs: number, shortestUs: number): number | undefined {
    let bytes = 0
    let busyUs = 0
    let longestUs = 0
    let bytesOfLongest = 0
    for (let back = 1; back < Math.min(this.#count, capacity); back++) {
      const place = (this.#count - back) % capacity
      const arrivalUs = this.#arrivalUs[place] as number
      if (arrivalUs <= this.#newestUs - windowUs) break
      const beforeUs = this.#arrivalUs[(this.#count - back - 1) % capacity] as number
      const waitUs = Math.max(0, arrivalUs - Math.max(beforeUs, (this.#sentUs[place] as number) + shortestUs))
      busyUs += waitUs
      bytes += this.#bytes[place] as number
      if (waitUs <= longestUs) continue
      longestUs = waitUs
      bytesOfLongest = this.#bytes[place] as number
    }
    busyUs -= longestUs
    return busyUs < minBusyUs ? undefined : ((bytes - bytesOfLongest) * 8e6) / busyUs
  }
}
