import type { ArrivalReport } from './arrival-report.ts'
import { SendHistory } from './send-history.ts'
import { WindowedMin } from './windowed-min.ts'

const roundTripSpanUs = 10_000_000

/** What reports tell, packet by packet; each packet arrives once, and is lost at most once before that. */
export interface ArrivalObserver {
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

/** The packets that went out, and what the other end says became of them. */
export class SentPackets {
  readonly #history = new SendHistory()
  readonly #roundTrip = new WindowedMin(roundTripSpanUs)
  readonly #arrived = { sentUs: 0, arrivalUs: 0, bytes: 0, isLate: false }
  #newestArrived = 0
  #newestSentUs = -Infinity

  /** `number` grows by one with each packet. Allocates nothing. */
  onSent(number: number, bytes: number, nowUs: number): void {
    this.#history.onSent(number, bytes, nowUs)
  }

  /** Tells `observer` what is new in a report. Packets that were never sent, or long ago, are ignored. */
  read({ first, arrivalsUs }: ArrivalReport, nowUs: number, observer: ArrivalObserver): void {
    for (let index = 0; index < arrivalsUs.length; index++) {
      const number = first + index
      const arrivalUs = arrivalsUs[index] as number
      if (!this.#history.has(number)) continue
      if (Number.isNaN(arrivalUs)) this.#onMissing(number, observer)
      else this.#onArrived(number, arrivalUs, observer)
    }
    this.#roundTrip.add(nowUs - this.#newestSentUs, nowUs)
  }

  /** An upper bound of the round trip, in milliseconds, by the report that came soonest of late; Infinity before any. */
  get roundTripMs(): number {
    return this.#roundTrip.value / 1000
  }

  /** Bytes that went out after the newest packet that is known to have arrived. */
  get bytesOnTheWay(): number {
    return this.#history.bytesAfter(this.#newestArrived)
  }

  #onMissing(number: number, observer: ArrivalObserver): void {
    if (this.#history.fate(number) !== 'in-flight') return
    this.#history.setFate(number, 'lost')
    observer.onLost(this.#history.sentUs(number))
  }

  #onArrived(number: number, arrivalUs: number, observer: ArrivalObserver): void {
    const fate = this.#history.fate(number)
    if (fate === 'received') return
    this.#history.setFate(number, 'received')
    const sentUs = this.#history.sentUs(number)
    if (sentUs >= this.#newestSentUs) {
      this.#newestSentUs = sentUs
      this.#newestArrived = number
    }
    this.#arrived.sentUs = sentUs
    this.#arrived.arrivalUs = arrivalUs
    this.#arrived.bytes = this.#history.bytes(number)
    this.#arrived.isLate = fate === 'lost'
    observer.onArrived(this.#arrived)
  }
}
