import { maxRanges, type AcknowledgedFrame } from '../../wire/native-frames/frame.ts'
import { RangeSet } from './range-set.ts'

/** An acknowledgement may be held back so long, which the other end counts on. */
export const maxAckDelayMs = 20
/** After so many datagrams that want one it goes at once. */
const atOnceAfter = 2

/** The receiving end of acknowledgements (RFC 9000, section 13.2): what has come, and when that has to be said. */
export class Acknowledging {
  readonly #came = new RangeSet()
  /** Numbers below are forgotten: whatever comes of them is taken for a repetition. */
  #floor = 0
  #newest = -1
  #newestMs = 0
  #owed = 0
  #dueMs = Infinity

  /** False for a number that came before, or so long ago that it is not known any more. */
  isNew(number: number): boolean {
    return number >= this.#floor && !this.#came.has(number)
  }

  /** A datagram was taken; `isOwed`: it wants to be acknowledged. */
  onTaken(number: number, isOwed: boolean, nowMs: number): void {
    const isInOrder = number === this.#newest + 1
    this.#came.add(number, number + 1)
    if (this.#came.size > maxRanges) {
      this.#floor = this.#came.lowest?.to ?? this.#floor
      this.#came.dropLowest()
    }
    if (number > this.#newest) {
      this.#newest = number
      this.#newestMs = nowMs
    }
    if (!isOwed) return
    this.#owed++
    const isAtOnce = this.#owed >= atOnceAfter || !isInOrder
    this.#dueMs = Math.min(this.#dueMs, isAtOnce ? nowMs : nowMs + maxAckDelayMs)
  }

  /** When an acknowledgement has to leave; Infinity for never. */
  get dueMs(): number {
    return this.#dueMs
  }

  /** What is to be said, if anything new is owed; a datagram that leaves anyway takes it along. */
  take(nowMs: number): AcknowledgedFrame | undefined {
    if (this.#owed === 0) return undefined
    this.#owed = 0
    this.#dueMs = Infinity
    const delayUs = Math.max(0, nowMs - this.#newestMs) * 1000
    return { type: 'acknowledged', ranges: this.#came.highest(maxRanges), delayUs }
  }
}
