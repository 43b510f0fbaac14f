import type { TransportFeedback } from '../../wire/rtp/transport-feedback.ts'

export interface BitrateControllerOptions {
  /** What is assumed before anything was measured. 2.5 Mbit/s unless given. */
  startBps?: number
  /** The target never goes below. 150 kbit/s unless given. */
  floorBps?: number
  /** Nor above; see {@link BitrateController.setCap}. 30 Mbit/s unless given. */
  capBps?: number
  /** False for a viewer that does not send transport-wide feedback: loss reports and REMB decide. True unless given. */
  transportFeedback?: boolean
}

/** Why the target changed last: delay, loss (silence counts as loss), or growth that looks for more. */
export type AdaptationCause = 'delay' | 'loss' | 'probe'

/**
 * Decides how much may be sent to one viewer, by everything that goes to it (sound, pictures, resends). Pure: every call
 * is given the time, in microseconds of one monotonic clock.
 */
export declare class BitrateController {
  constructor(options?: BitrateControllerOptions)
  /** A packet with a transport-wide sequence number goes out; `bytes` with its RTP header. Allocates nothing. */
  onSent(transportSequence: number, bytes: number, nowUs: number): void
  onFeedback(feedback: TransportFeedback, nowUs: number): void
  /** The worst fraction lost (0 to 1) of a receiver report; counts only without transport-wide feedback. */
  onReceiverReport(fractionLost: number, nowUs: number): void
  onRoundTrip(roundTripMs: number): void
  /** The receiver's own estimate, a further upper bound. */
  onRemb(bitrateBps: number): void
  /** The most that this viewer wants; 0 for no limit but `capBps`. */
  setCap(bitrateBps: number): void
  /** Notices feedback that stays away; call it about every 100 ms. */
  poll(nowUs: number): void
  /** What may be sent now, in bits a second, headers included. Audio and resends are part of it. */
  get targetBps(): number
  /** How fast a pacer may let a burst out. */
  get pacingBps(): number
  /** What arrived lately, in bits a second. */
  get deliveredBps(): number
  /** Share of packets lost lately, 0 to 1. */
  get lossRatio(): number
  /** Time that packets wait in the path beyond its shortest delay, in milliseconds. */
  get queueDelayMs(): number
  /** Smoothed, in milliseconds; 100 until it is known. */
  get roundTripMs(): number
  get lastCause(): AdaptationCause
}
