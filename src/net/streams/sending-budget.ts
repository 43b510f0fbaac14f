/** What may gather while little is sent. */
const burstMs = 10
const leastBurstBytes = 2 * 1500
/** Of what else is sent this share counts: streams never stand quite still. */
const countedShare = 0.95
/** A debt is forgotten beyond this, so that a burst of pictures does not hold up streams for ever. */
const mostDebtMs = 300
/** What is in a hurry may be so many bytes ahead. */
const aheadBytes = 10 * 1500

/**
 * What streams may send beside pictures and sound: what those leave of the target of the one congestion controller. Pure; times in
 * microseconds.
 */
export class SendingBudget {
  #bytes = leastBurstBytes
  #refilledUs: number | undefined

  refill(targetBps: number, nowUs: number): void {
    const bytesPerUs = targetBps / 8e6
    const elapsedUs = nowUs - (this.#refilledUs ?? nowUs)
    this.#refilledUs = nowUs
    const burstBytes = Math.max(leastBurstBytes, bytesPerUs * burstMs * 1000)
    const leastBytes = -Math.max(aheadBytes, bytesPerUs * mostDebtMs * 1000)
    this.#bytes = Math.max(leastBytes, Math.min(burstBytes, this.#bytes + elapsedUs * bytesPerUs))
  }

  /** Of a stream. */
  onStreamSent(bytes: number): void {
    this.#bytes -= bytes
  }

  /** Anything else. */
  onOtherSent(bytes: number): void {
    this.#bytes -= bytes * countedShare
  }

  /** A datagram of a stream may leave. */
  isOpen(bulk: boolean): boolean {
    return this.#bytes > (bulk ? 0 : -aheadBytes)
  }

  /** When the next one of a bulk stream may leave, from now on. */
  waitMs(targetBps: number, bulk: boolean): number {
    const missing = (bulk ? 0 : -aheadBytes) - this.#bytes
    return missing < 0 ? 0 : ((missing + 1) * 8000) / targetBps
  }
}
