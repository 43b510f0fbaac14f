import { notArrived, type ArrivalReport } from '../../net/congestion/arrival-report.ts'
import { notReceived, referenceTimePeriodUs, type TransportFeedback } from '../../wire/rtp/transport-feedback.ts'
import { extendSequence } from '../../wire/sequence-number.ts'

/** Makes arrival reports of transport-wide feedback: its 16-bit numbers and its 24-bit clock wrap, those of a report do not. */
export class TransportArrivals {
  #referenceUs: number | undefined

  /** `newestSent` is the number of the packet that was sent last. */
  read(feedback: TransportFeedback, newestSent: number): ArrivalReport {
    const { baseSequence, deltasUs, referenceTimeUs } = feedback
    const arrivalsUs = new Float64Array(deltasUs.length)
    let arrivalUs = this.#unwrapReference(referenceTimeUs)
    for (const [index, deltaUs] of deltasUs.entries()) {
      if (deltaUs !== notReceived) arrivalUs += deltaUs
      arrivalsUs[index] = deltaUs === notReceived ? notArrived : arrivalUs
    }
    return { first: extendSequence(baseSequence, newestSent), arrivalsUs }
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
