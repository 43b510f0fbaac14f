import { notArrived, type ArrivalReport } from './arrival-report.ts'

/** More packets are not told of at once. */
export const mostReported = 8192
/** A packet that comes late by more than this many others is not worth telling about. */
const maxLate = 1024

/**
 * The receiving end of arrival reports: notes when packets arrived and tells about them, a while at a time. Pure: whoever
 * owns it calls `take` every 50 to 100 ms.
 */
export class ArrivalRecorder {
  /** Number to time of arrival, of packets that no report has told about. */
  readonly #arrivals = new Map<number, number>()
  /** The first number that no report has told about, received or not. */
  #next: number | undefined

  /** A packet arrived. Beyond the bound of one report, packets are ignored. */
  onReceived(number: number, nowUs: number): void {
    this.#next ??= number
    if (this.#arrivals.size >= mostReported || number < this.#next - maxLate) return
    if (!this.#arrivals.has(number)) this.#arrivals.set(number, nowUs)
  }

  /** What arrived since it was told last; undefined when that is nothing. Call it until then. */
  take(): ArrivalReport | undefined {
    const numbers = Array.from(this.#arrivals.keys()).toSorted((a, b) => a - b)
    const earliest = numbers[0]
    if (earliest === undefined || this.#next === undefined) return undefined
    const isLate = earliest < this.#next
    // What is missing before a late packet was told about; before the first new one it was not, as far as it fits.
    const first = isLate ? earliest : Math.max(this.#next, earliest - mostReported / 2)
    const arrivalsUs: number[] = []
    for (const number of numbers) {
      const missing = number - first - arrivalsUs.length
      const fits = isLate ? missing === 0 && number < this.#next : number - first < mostReported
      if (!fits) break
      for (let count = 0; count < missing; count++) arrivalsUs.push(notArrived)
      arrivalsUs.push(this.#arrivals.get(number) as number)
      this.#arrivals.delete(number)
    }
    this.#next = Math.max(this.#next, first + arrivalsUs.length)
    return { first, arrivalsUs }
  }
}
