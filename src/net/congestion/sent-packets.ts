import { notReceived, referenceTimePeriodUs, type TransportFeedback } from '../../wire/rtp/transport-feedback.ts'
import { SendHistory } from './send-history.ts'
import { WindowedMin } from './windowed-min.ts'

const roundTripSpanUs = 10_000_000

/** What feedback tells, packet by packet; each packet arrives once, and is lost at most once before that. */
export interface FeedbackObserver {
  onArrived(packet: ArrivedPacket): void
  onLost(sentUs: number): void
}

/** One object serves all calls: it is good until the next one. */
export interface ArrivedPacket {
  /** The sender's clock. */
  readonly sentUs: number
  /** The receiver's clock. */
  readonly arrivalUs: number
  readonly bytes: number
  /** It had been taken for lost. */
  readonly isLate: boolean
}

/** The packets that went out, and what transport-wide feedback says became of them. */
export class SentPackets {
  readonly #history = new SendHistory()
  readonly #roundTrip = new WindowedMin(roundTripSpanUs)
  readonly #arrived = { sentUs: 0, arrivalUs: 0, bytes: 0, isLate: false }
  #newestArrived = 0
  #newestSentUs = -Infinity
  #referenceUs: number | undefined

  /** Allocates nothing. */
  onSent(sequence: number, bytes: number, nowUs: number): void {
    this.#history.onSent(sequence, bytes, nowUs)
  }

  /** Tells `observer` what is new in the feedback. Packets that were never sent, or long ago, are ignored. */
  read(feedback: TransportFeedback, nowUs: number, observer: FeedbackObserver): void {
    let arrivalUs = this.#unwrapReference(feedback.referenceTimeUs)
    for (const [index, deltaUs] of feedback.deltasUs.entries()) {
      const sequence = (feedback.baseSequence + index) & 0xffff
      if (deltaUs !== notReceived) arrivalUs += deltaUs
      if (!this.#history.has(sequence)) continue
      if (deltaUs === notReceived) this.#onMissing(sequence, observer)
      else this.#onArrived(sequence, arrivalUs, observer)
    }
    this.#roundTrip.add(nowUs - this.#newestSentUs, nowUs)
  }

  /** An upper bound of the round trip, in milliseconds, by the feedback that came soonest of late; Infinity before any. */
  get roundTripMs(): number {
    return this.#roundTrip.value / 1000
  }

  /** Bytes that went out after the newest packet that is known to have arrived. */
  get bytesOnTheWay(): number {
    return this.#history.bytesAfter(this.#newestArrived)
  }

  #onMissing(sequence: number, observer: FeedbackObserver): void {
    if (this.#history.fate(sequence) !== 'in-flight') return
    this.#history.setFate(sequence, 'lost')
    observer.onLost(this.#history.sentUs(sequence))
  }

  #onArrived(sequence: number, arrivalUs: number, observer: FeedbackObserver): void {
    const fate = this.#history.fate(sequence)
    if (fate === 'received') return
    this.#history.setFate(sequence, 'received')
    const sentUs = this.#history.sentUs(sequence)
    if (sentUs >= this.#newestSentUs) {
      this.#newestSentUs = sentUs
      this.#newestArrived = sequence
    }
    this.#arrived.sentUs = sentUs
    this.#arrived.arrivalUs = arrivalUs
    this.#arrived.bytes = this.#history.bytes(sequence)
    this.#arrived.isLate = fate === 'lost'
    observer.onArrived(this.#arrived)
  }

  /** The receiver's clock without the wrap of its 24 bits. */
  #unwrapReference(referenceTimeUs: number): number {
    const period = referenceTimePeriodUs
    const before = this.#referenceUs ?? referenceTimeUs
    const step = ((((referenceTimeUs - before) % period) + 1.5 * period) % period) - period / 2
    this.#referenceUs = before + step
    return this.#referenceUs
  }
}
