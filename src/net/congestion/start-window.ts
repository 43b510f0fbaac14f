/** What may be on its way before anything is known of a path (RFC 6928 has the same for TCP). */
const firstBytes = 14_600
/** So many packets tell how fast a path takes them. */
const tellingPackets = 8
/** Smaller ones are words before the pictures, which wait for nothing. */
const tellingBytes = 600
/** Nothing was heard for so long: what was sent may be lost, and it is tried again. */
const patienceUs = 300_000

/**
 * Holds back what a path is begun with until the first packets of it have told how fast it takes them: a whole key picture, at a rate that is only assumed,
 * would fill the queue of a small path and be lost in it. Twice what has arrived may follow meanwhile. Pure.
 */
export class StartWindow {
  #packets = 0
  #sentBytes = 0
  #allowedBytes = firstBytes
  #allowedUs: number | undefined

  /** Enough has arrived. */
  get isOver(): boolean {
    return this.#packets >= tellingPackets
  }

  onSent(bytes: number, nowUs: number): void {
    this.#allowedUs ??= nowUs
    this.#sentBytes += bytes
  }

  onArrived(bytes: number): void {
    if (bytes >= tellingBytes) this.#packets++
    this.#allowedBytes += 2 * bytes
  }

  hasRoom(nowUs: number): boolean {
    if (this.isOver || this.#sentBytes < this.#allowedBytes) return true
    if (this.#allowedUs === undefined || nowUs - this.#allowedUs < patienceUs) return false
    this.#allowedUs = nowUs
    this.#allowedBytes = this.#sentBytes + firstBytes
    return true
  }
}
