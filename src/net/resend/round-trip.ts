/** How long a path takes there and back, and how long to wait for an acknowledgement (RFC 6298, section 2), in milliseconds. */
export class RoundTrip {
  readonly #minMs: number
  readonly #maxMs: number
  readonly #firstMs: number
  #smoothedMs: number | undefined
  #latestMs: number | undefined
  #varianceMs = 0
  #leastMs = Infinity
  #measured = 0

  /** `firstMs`: how long to wait before the first measurement, 500 unless given. */
  constructor(limits: { readonly minMs: number; readonly maxMs: number; readonly firstMs?: number }) {
    this.#minMs = limits.minMs
    this.#maxMs = limits.maxMs
    this.#firstMs = limits.firstMs ?? 500
  }

  /** It is another path: what was measured says nothing of it. */
  forget(): void {
    this.#smoothedMs = undefined
    this.#latestMs = undefined
    this.#leastMs = Infinity
  }

  onMeasured(tookMs: number): void {
    this.#measured++
    this.#latestMs = tookMs
    this.#leastMs = Math.min(this.#leastMs, tookMs)
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

  /** Of the last measurement; undefined before the first. */
  get latestMs(): number | undefined {
    return this.#latestMs
  }

  /** How often it was measured. */
  get measured(): number {
    return this.#measured
  }

  /** Of all; Infinity before the first. */
  get leastMs(): number {
    return this.#leastMs
  }

  /** Doubled with each try that had no answer. */
  timeoutMs(tries: number): number {
    const ms = this.#smoothedMs === undefined ? this.#firstMs : this.#smoothedMs + Math.max(1, 4 * this.#varianceMs)
    return Math.min(this.#maxMs, Math.max(this.#minMs, ms) * 2 ** Math.max(0, tries - 1))
  }
}
