/** The newest durations, for percentiles. */
export class DurationWindow {
  readonly #values: Float64Array
  #count = 0

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity)
  }

  add(value: number): void {
    this.#values[this.#count % this.#values.length] = value
    this.#count++
  }

  /** The value that `share` (0 to 1) of the newest do not exceed; undefined when there are none. */
  percentile(share: number): number | undefined {
    const values = this.#values.slice(0, Math.min(this.#count, this.#values.length)).toSorted()
    return values[Math.max(0, Math.ceil(values.length * share) - 1)]
  }
}
