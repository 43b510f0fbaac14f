const everyMs = 50
/** The first datagrams tell the other end what the path carries: it waits for that. */
const firstMs = 8
const firstDatagrams = 16

/** When the other end is told of arrivals: often enough while something comes, and soon of the first ones of a path. Pure. */
export class ReportTiming {
  #dueMs = Infinity
  #firstComing = firstDatagrams

  /** Infinity while nothing has come that is worth it. */
  get dueMs(): number {
    return this.#dueMs
  }

  /** Something came that is to be told of. */
  onTaken(nowMs: number): void {
    if (this.#dueMs === Infinity) this.#dueMs = nowMs + (this.#firstComing > 0 ? firstMs : everyMs)
    this.#firstComing--
  }

  /** What comes next comes by another path. */
  onPathChange(): void {
    this.#firstComing = firstDatagrams
  }

  onTold(): void {
    this.#dueMs = Infinity
  }
}
