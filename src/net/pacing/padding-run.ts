/** Padding to be sent within a moment, to find out whether it gets through. */
export interface Probe {
  readonly bitrateBps: number
  /** With headers; what else is sent meanwhile is part of it. */
  readonly bytes: number
}

/** A moment on a slow machine: what of a probe could not be sent by then is left out. */
const longestUs = 300_000

/** Spreads the padding of one probe over its time, beside whatever else is sent. Allocates nothing. */
export class PaddingRun {
  #probe: Probe | undefined
  #startUs = 0
  #sentBytes = 0

  get active(): boolean {
    return this.#probe !== undefined
  }

  begin(probe: Probe, nowUs: number): void {
    this.#probe = probe
    this.#startUs = nowUs
    this.#sentBytes = 0
  }

  /** Anything was sent. */
  onSent(bytes: number): void {
    this.#sentBytes += bytes
  }

  /** Whether a packet of padding is due. */
  due(nowUs: number): boolean {
    if (!this.#probe || this.#isOver(this.#probe, nowUs)) return false
    return this.#sentBytes <= ((nowUs - this.#startUs) * this.#probe.bitrateBps) / 8e6
  }

  /** True once, when all of it has been sent. */
  takeEnd(nowUs: number): boolean {
    if (!this.#probe || !this.#isOver(this.#probe, nowUs)) return false
    this.#probe = undefined
    return true
  }

  #isOver(probe: Probe, nowUs: number): boolean {
    return this.#sentBytes >= probe.bytes || nowUs - this.#startUs > longestUs
  }
}
