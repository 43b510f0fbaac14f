/**
 * What the other end says of packets that it was sent, in the sender's own numbers: they begin anywhere, grow by one with
 * each packet and never wrap. A wire with shorter numbers on its packets makes this of what it receives.
 */
export interface ArrivalReport {
  /** Number of the first packet that is told of. */
  readonly first: number
  /**
   * One for each packet from `first` on: when it arrived, in microseconds of the receiver's clock, or {@link notArrived}.
   * The clock is whatever it is, but does not wrap.
   */
  readonly arrivalsUs: ArrayLike<number>
}

/** Stands in {@link ArrivalReport.arrivalsUs} for a packet that has not arrived. */
export const notArrived = Number.NaN
