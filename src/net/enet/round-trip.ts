/** How long to wait for an acknowledgement (RFC 6298, section 2), in milliseconds. */
export class RoundTrip {
  /** Before the first measurement. */
  static readonly firstMs = 500
  readonly #minMs: number
  readonly #maxMs: number
  #smoothedMs: number | undefined
  #varianceMs = 0

  constructor(limits: { readonly minMs: number; readonly maxMs: number }) {
    this.#minMs = limits.minMs
    this.#maxMs = limits.maxMs
  }

  onMeasured(tookMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = tookMs
      this.#varianceMs = tookMs / 2
      return
    }
    this.#varianceMs += (Math.abs(this.#smoothedMs - tookMs) - this.#varianceMs) / 4
    this.#smoothedMs += (tookMs - this.#smoothedMs) / 8
  }

  /** Undefined before the first measurement. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs
  }

  /** Doubled with each try that had no answer. */
  timeoutMs(tries: number): number {
    const ms = this.#smoothedMs === undefined ? RoundTrip.firstMs : this.#smoothedMs + 4 * this.#varianceMs
    return Math.min(this.#maxMs, Math.max(this.#minMs, ms) * 2 ** Math.max(0, tries - 1))
  }
}
