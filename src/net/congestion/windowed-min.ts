/** The smallest value of the last while, to the nearest half of its span: two halves, of which the older is forgotten. */
export class WindowedMin {
  readonly #halfUs: number
  #older = Infinity
  #newer = Infinity
  #sinceUs: number | undefined

  constructor(spanUs: number) {
    this.#halfUs = spanUs / 2
  }

  /** Infinity before the first value. */
  get value(): number {
    return Math.min(this.#older, this.#newer)
  }

  add(value: number, nowUs: number): void {
    this.#sinceUs ??= nowUs
    const halves = Math.floor((nowUs - this.#sinceUs) / this.#halfUs)
    if (halves > 0) {
      this.#older = halves === 1 ? this.#newer : Infinity
      this.#newer = Infinity
      this.#sinceUs += halves * this.#halfUs
    }
    this.#newer = Math.min(this.#newer, value)
  }

  reset(): void {
    this.#older = Infinity
    this.#newer = Infinity
    this.#sinceUs = undefined
  }
}
