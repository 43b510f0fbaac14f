/**
 * Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): when each packet of all streams of a
 * connection arrived, by the sequence number in the header extension.
 */
export interface TransportFeedback {
  readonly type: 'transport-feedback'
  readonly senderSsrc: number
  readonly mediaSsrc: number
  /** Counts the feedback packets, modulo 256. */
  readonly feedbackCount: number
  /** Transport-wide sequence number of the first packet reported. */
  readonly baseSequence: number
  /** The receiver's clock that the first delta counts from, in microseconds: a multiple of 64 ms, wraps at 2^24 of them. */
  readonly referenceTimeUs: number
  /**
   * One number for each packet from `baseSequence` on: how long after the received packet before it (the first: after
   * `referenceTimeUs`) it arrived, in microseconds, a multiple of 250; or {@link notReceived}.
   */
  readonly deltasUs: Int32Array
}

/** Stands in {@link TransportFeedback.deltasUs} for a packet that has not arrived. */
export const notReceived = -0x8000_0000

/** The header extension's address for `a=extmap` and `a=rtcp-fb:... transport-cc`. */
export const transportSequenceUri = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'

/** More packets in one feedback are refused. */
export const maxFeedbackPackets = 8192
