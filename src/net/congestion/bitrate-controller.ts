import type { TransportFeedback } from '../../wire/rtp/transport-feedback.ts'
import type { Probe } from '../pacing/padding-run.ts'
import { RateAdaptation, type PathFacts } from './rate-adaptation.ts'
import { SentPackets } from './sent-packets.ts'
import { Silence } from './silence.ts'

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

/** Enough to make a screen sharp within a second. More is found by pictures that take it. */
const probeGoalBps = 4_000_000
const unknownRoundTripMs = 100
/** Bursts leave at this multiple of the target, and at a gentler one while a queue stands or overflows. */
const pacingFactor = 2.5
const gentlePacingFactor = 1.25
const gentleAboveMs = 30
const gentleAboveLoss = 0.03
/** Feedback is missed after this long and two round trips, at most after the second; reports come less often. */
const patienceMs = 500
const maxPatienceMs = 1000
const reportPatienceMs = 4000

/**
 * Decides how much may be sent to one viewer, by everything that goes to it (sound, pictures, resends). Pure: every call
 * is given the time, in microseconds of one monotonic clock.
 *
 * The target is the least of what delay, loss, the receiver's own estimate and the viewer's wish allow.
 */
export class BitrateController {
  readonly #floorBps: number
  readonly #maxBps: number
  #hasTransportFeedback: boolean
  readonly #sent = new SentPackets()
  readonly #silence = new Silence()
  readonly #adaptation: RateAdaptation
  #reportedRoundTripMs: number | undefined
  #rembBps = Infinity
  #wishBps = Infinity
  #silentFactor = 1
  #isHeard = false
  #reportedUs: number | undefined
  #bytesSinceReport = 0
  #lastCause: AdaptationCause = 'probe'

  constructor(options: BitrateControllerOptions = {}) {
    this.#floorBps = options.floorBps ?? 150_000
    this.#maxBps = options.capBps ?? 30_000_000
    this.#hasTransportFeedback = options.transportFeedback ?? true
    this.#adaptation = new RateAdaptation(options.startBps ?? 2_500_000)
  }

  /**
   * A packet goes out; `bytes` with its RTP header. Without transport-wide feedback the number does not matter. Allocates
   * nothing.
   */
  onSent(transportSequence: number, bytes: number, nowUs: number): void {
    this.#sent.onSent(transportSequence, bytes, nowUs)
    this.#adaptation.prober.onSent(bytes)
    this.#silence.onSent(nowUs)
    this.#bytesSinceReport += bytes
  }

  /** Whether transport-wide feedback is to be expected; as the option says at first. */
  setTransportFeedback(expected: boolean): void {
    this.#hasTransportFeedback = expected
  }

  onFeedback(feedback: TransportFeedback, nowUs: number): void {
    this.#onHeard(nowUs)
    this.#sent.read(feedback, nowUs, this.#adaptation)
    this.#adapt({ roundTripMs: this.roundTripMs, bytesOnTheWay: this.#sent.bytesOnTheWay }, nowUs)
  }

  /** The worst fraction lost (0 to 1) of a receiver report; counts only without transport-wide feedback. */
  onReceiverReport(fractionLost: number, nowUs: number): void {
    if (this.#hasTransportFeedback) return
    this.#onHeard(nowUs)
    const spanUs = nowUs - (this.#reportedUs ?? nowUs)
    const provenBps = spanUs > 0 ? (this.#bytesSinceReport * 8e6) / spanUs : 0
    this.#reportedUs = nowUs
    this.#bytesSinceReport = 0
    this.#adaptation.onLossReport(fractionLost)
    this.#adapt({ roundTripMs: this.roundTripMs, bytesOnTheWay: 0, provenBps }, nowUs)
  }

  /** A round trip that was measured by reports; without any, feedback gives an upper bound. */
  onRoundTrip(roundTripMs: number): void {
    const known = this.#reportedRoundTripMs ?? roundTripMs
    this.#reportedRoundTripMs = known + (roundTripMs - known) / 4
  }

  /** The receiver's own estimate, a further upper bound. */
  onRemb(bitrateBps: number): void {
    const beforeBps = this.targetBps
    this.#rembBps = bitrateBps
    this.#noteCause(beforeBps, 'delay')
  }

  /** The most that this viewer wants; 0 for no limit but `capBps`. */
  setCap(bitrateBps: number): void {
    this.#wishBps = bitrateBps > 0 ? bitrateBps : Infinity
  }

  /** Notices feedback that stays away; call it about every 100 ms. */
  poll(nowUs: number): void {
    const heardMs = Math.min(maxPatienceMs, patienceMs + 2 * this.roundTripMs)
    const waitMs = this.#hasTransportFeedback ? (this.#isHeard ? heardMs : maxPatienceMs) : reportPatienceMs
    if (!this.#silence.poll(waitMs, nowUs)) return
    this.#silentFactor /= 2
    this.#lastCause = 'loss'
  }

  /**
   * A probe that is due, which begins with this call: so many bytes of padding are to be sent at this rate, then `endProbe` called.
   * Undefined for none.
   */
  beginProbe(nowUs: number): Probe | undefined {
    if (!this.#hasTransportFeedback || !this.#isHeard || this.#silence.active) return undefined
    const goalBps = Math.min(probeGoalBps, this.#wishBps, this.#maxBps, this.#rembBps)
    const bitrateBps = this.#adaptation.probeBps({ goalBps, roundTripMs: this.roundTripMs }, nowUs)
    if (bitrateBps === undefined) return undefined
    return { bitrateBps, bytes: this.#adaptation.prober.begin(bitrateBps, nowUs) }
  }

  endProbe(nowUs: number): void {
    this.#adaptation.prober.end(nowUs)
  }

  /** What may be sent now, in bits a second, headers included. Audio and resends are part of it. */
  get targetBps(): number {
    const bps = this.#adaptation.targetBps * this.#silentFactor
    return Math.max(this.#floorBps, Math.min(bps, this.#rembBps, this.#wishBps, this.#maxBps))
  }

  /** How fast a pacer may let a burst out. */
  get pacingBps(): number {
    const isGentle = this.queueDelayMs > gentleAboveMs || this.lossRatio > gentleAboveLoss
    return this.targetBps * (isGentle ? gentlePacingFactor : pacingFactor)
  }

  /** What arrived lately, in bits a second. */
  get deliveredBps(): number {
    return this.#adaptation.deliveredBps
  }

  /** Share of packets lost lately, 0 to 1. */
  get lossRatio(): number {
    return this.#adaptation.lossRatio
  }

  /** Time that packets wait in the path beyond its shortest delay, in milliseconds. */
  get queueDelayMs(): number {
    return this.#adaptation.queueDelayMs
  }

  /** Smoothed, in milliseconds; 100 until it is known. */
  get roundTripMs(): number {
    if (this.#reportedRoundTripMs !== undefined) return this.#reportedRoundTripMs
    return Number.isFinite(this.#sent.roundTripMs) ? this.#sent.roundTripMs : unknownRoundTripMs
  }

  get lastCause(): AdaptationCause {
    return this.#lastCause
  }

  #onHeard(nowUs: number): void {
    if (this.#silence.active) this.#adaptation.resume(nowUs)
    this.#silence.end()
    this.#silentFactor = 1
    this.#isHeard = true
  }

  #adapt(path: PathFacts, nowUs: number): void {
    const beforeBps = this.targetBps
    const cause = this.#adaptation.adapt(path, nowUs)
    this.#adaptation.clamp(this.#floorBps, Math.min(this.#maxBps, this.#wishBps))
    this.#noteCause(beforeBps, cause ?? 'probe')
  }

  #noteCause(beforeBps: number, cause: AdaptationCause): void {
    const afterBps = this.targetBps
    if (afterBps < beforeBps) this.#lastCause = cause
    if (afterBps > beforeBps) this.#lastCause = 'probe'
  }
}
