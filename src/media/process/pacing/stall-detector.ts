/** Work on one picture that takes so many periods has hung in native code. */
const longestPeriods = 10

/**
 * Notices native work that never ends, a driver that hangs for instance, which nothing but the end of the process can
 * stop. Counts periods of its own, so that a process that stood still as a whole is not blamed.
 */
export class StallDetector {
  readonly #periods = new Map<Promise<unknown>, number>()

  /** Passes the work on, and watches it until it ends. */
  async guard<T>(work: Promise<T>): Promise<T> {
    this.#periods.set(work, 0)
    try {
      return await work
    } finally {
      this.#periods.delete(work)
    }
  }

  /** A period has passed; true when some work has hung. */
  tick(): boolean {
    for (const [work, periods] of this.#periods) this.#periods.set(work, periods + 1)
    return this.#periods.values().some((periods) => periods > longestPeriods)
  }
}
