import { SequenceUnwrapper } from '../../src/wire/sequence-number.ts'
import {
  maxFeedbackPackets,
  notReceived,
  referenceTimePeriodUs,
  type TransportFeedback,
} from '../../src/wire/rtp/transport-feedback.ts'

const tickUs = 250
const referenceTickUs = 64_000
/** A delta has 16 bits of 250 µs; packets further apart than this go into different feedback. */
const maxDeltaTicks = 0x7fff
/** A packet that comes late by more than this many others is not worth telling about. */
const maxLate = 1024

/**
 * The receiving end of transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): notes when packets
 * arrived and tells about them, a while at a time. Pure: whoever owns it calls `take` every 50 to 100 ms.
 */
export class FeedbackRecorder {
  readonly #senderSsrc: number
  readonly #unwrapper = new SequenceUnwrapper()
  /** Extended sequence number to time of arrival, of packets that no feedback has told about. */
  readonly #arrivals = new Map<number, number>()
  /** The first number that no feedback has told about, received or not. */
  #next: number | undefined
  #feedbackCount = 0

  constructor(senderSsrc: number) {
    this.#senderSsrc = senderSsrc
  }

  /** A packet with a transport-wide sequence number arrived. Beyond the bound of one feedback, packets are ignored. */
  onReceived(transportSequence: number, nowUs: number): void {
    const sequence = this.#unwrapper.unwrap(transportSequence)
    this.#next ??= sequence
    if (this.#arrivals.size >= maxFeedbackPackets || sequence < this.#next - maxLate) return
    if (!this.#arrivals.has(sequence)) this.#arrivals.set(sequence, nowUs)
  }

  /** Feedback about what arrived since it was told last; undefined when that is nothing. Call it until then. */
  take(mediaSsrc: number): TransportFeedback | undefined {
    const sequences = Array.from(this.#arrivals.keys()).toSorted((a, b) => a - b)
    const first = sequences[0]
    if (first === undefined || this.#next === undefined) return undefined
    // What is missing before a late packet was told about; before the first new one it was not, as far as it fits.
    const base = Math.max(Math.min(first, this.#next), first - maxFeedbackPackets / 2)
    const end = first < this.#next ? this.#next : Infinity
    const referenceTicks = Math.floor((this.#arrivals.get(first) as number) / referenceTickUs)
    const deltasUs = this.#takeDeltas(sequences, { base, end, referenceUs: referenceTicks * referenceTickUs })
    this.#next = Math.max(this.#next, base + deltasUs.length)
    return {
      type: 'transport-feedback',
      senderSsrc: this.#senderSsrc,
      mediaSsrc,
      feedbackCount: this.#feedbackCount++ & 0xff,
      baseSequence: base & 0xffff,
      referenceTimeUs: (referenceTicks * referenceTickUs) % referenceTimePeriodUs,
      deltasUs: Int32Array.from(deltasUs),
    }
  }

  /** Takes arrivals out, in order, as long as they fit into one feedback; late ones only without a gap between them. */
  #takeDeltas(sequences: readonly number[], range: { base: number; end: number; referenceUs: number }): number[] {
    const deltasUs: number[] = []
    let beforeTicks = Math.round(range.referenceUs / tickUs)
    for (const sequence of sequences) {
      const ticks = Math.round((this.#arrivals.get(sequence) as number) / tickUs)
      const missing = sequence - range.base - deltasUs.length
      const fits = sequence - range.base < maxFeedbackPackets && Math.abs(ticks - beforeTicks) <= maxDeltaTicks
      const isLate = range.end !== Infinity
      if (!fits || (isLate && (missing > 0 || sequence >= range.end))) break
      for (let count = 0; count < missing; count++) deltasUs.push(notReceived)
      deltasUs.push((ticks - beforeTicks) * tickUs)
      beforeTicks = ticks
      this.#arrivals.delete(sequence)
    }
    return deltasUs
  }
}
