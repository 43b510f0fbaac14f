import { notReceived, referenceTimePeriodUs, type TransportFeedback } from '../../wire/rtp/transport-feedback.ts'
import { Aimd } from './aimd.ts'
import { DelayDetector } from './delay-detector.ts'
import { DeliveredRate } from './delivered-rate.ts'
import { LossDetector } from './loss-detector.ts'
import { SendHistory } from './send-history.ts'
import { Silence } from './silence.ts'
import { WindowedMin } from './windowed-min.ts'

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

const unknownRoundTripMs = 100
/** The target may be this much above what is really sent: a still picture proves nothing about the path. */
const limitFactor = 1.5
const limitSlackBps = 300_000
/** The capacity is measured over this long, and what arrives in all over this long. */
const busyWindowUs = 300_000
const deliveredWindowUs = 1_000_000
/** Of a measured capacity, this is taken; less, the longer the queue that is to be empty after about a second. */
const takenFactor = 0.85
const minTakenFactor = 0.5
const drainMs = 1000
/** Of what got through in spite of heavy loss, this is taken. */
const takenOfLossyFactor = 0.95
/** Bursts leave at this multiple of the target, and at a gentler one while a queue stands or nothing is known yet. */
const pacingFactor = 2.5
const gentlePacingFactor = 1.25
const gentleAboveMs = 30
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
  readonly #hasTransportFeedback: boolean
  readonly #history = new SendHistory()
  readonly #delivered = new DeliveredRate()
  readonly #delay = new DelayDetector()
  readonly #loss = new LossDetector()
  readonly #silence = new Silence()
  readonly #feedbackRoundTrip = new WindowedMin(10_000_000)
  readonly #aimd: Aimd
  #reportedRoundTripMs: number | undefined
  #rembBps = Infinity
  #wishBps = Infinity
  #lastCause: AdaptationCause = 'probe'
  #silentFactor = 1
  /** Packets sent before this tell of a silence, not of the path as it is now. */
  #freshSinceUs = -Infinity
  /** When the target fell last, and until when that has not shown its effect yet. */
  #loweredUs = -Infinity
  #settledUs = -Infinity
  /** The target before the decreases that go on now. */
  #freeBps: number | undefined
  #referenceUs: number | undefined
  #isHeard = false
  #reportedUs: number | undefined
  #sentBytes = 0

  constructor(options: BitrateControllerOptions = {}) {
    this.#floorBps = options.floorBps ?? 150_000
    this.#maxBps = options.capBps ?? 30_000_000
    this.#hasTransportFeedback = options.transportFeedback ?? true
    this.#aimd = new Aimd(options.startBps ?? 2_500_000)
  }

  /** A packet with a transport-wide sequence number goes out; `bytes` with its RTP header. Allocates nothing. */
  onSent(transportSequence: number, bytes: number, nowUs: number): void {
    this.#history.onSent(transportSequence, bytes, nowUs)
    this.#silence.onSent(nowUs)
    this.#sentBytes += bytes
  }

  onFeedback(feedback: TransportFeedback, nowUs: number): void {
    this.#onHeard(nowUs)
    this.#takeIn(feedback, nowUs)
    this.#loss.update(nowUs)
    this.#adapt(this.deliveredBps, nowUs)
  }

  /** The worst fraction lost (0 to 1) of a receiver report; counts only without transport-wide feedback. */
  onReceiverReport(fractionLost: number, nowUs: number): void {
    if (this.#hasTransportFeedback) return
    this.#onHeard(nowUs)
    const spanUs = nowUs - (this.#reportedUs ?? nowUs)
    const sentBps = spanUs > 0 ? (this.#sentBytes * 8e6) / spanUs : 0
    this.#reportedUs = nowUs
    this.#sentBytes = 0
    this.#loss.report(fractionLost)
    this.#adapt(sentBps, nowUs)
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

  /** What may be sent now, in bits a second, headers included. Audio and resends are part of it. */
  get targetBps(): number {
    const bps = this.#aimd.targetBps * this.#silentFactor
    return Math.max(this.#floorBps, Math.min(bps, this.#rembBps, this.#wishBps, this.#maxBps))
  }

  /** How fast a pacer may let a burst out. */
  get pacingBps(): number {
    const isGentle = !this.#isHeard || this.queueDelayMs > gentleAboveMs
    return this.targetBps * (isGentle ? gentlePacingFactor : pacingFactor)
  }

  /** What arrived lately, in bits a second. */
  get deliveredBps(): number {
    return this.#delivered.rateBps(deliveredWindowUs) ?? 0
  }

  /** Share of packets lost lately, 0 to 1. */
  get lossRatio(): number {
    return this.#loss.lossRatio
  }

  /** Time that packets wait in the path beyond its shortest delay, in milliseconds. */
  get queueDelayMs(): number {
    return this.#delay.standingMs
  }

  /** Smoothed, in milliseconds; 100 until it is known. */
  get roundTripMs(): number {
    if (this.#reportedRoundTripMs !== undefined) return this.#reportedRoundTripMs
    const { value } = this.#feedbackRoundTrip
    return value === Infinity ? unknownRoundTripMs : value / 1000
  }

  get lastCause(): AdaptationCause {
    return this.#lastCause
  }

  /** Takes note of what became of each packet of the feedback. */
  #takeIn(feedback: TransportFeedback, nowUs: number): void {
    let arrivalUs = this.#unwrapReference(feedback.referenceTimeUs)
    let newestSentUs = -Infinity
    for (const [index, deltaUs] of feedback.deltasUs.entries()) {
      const sequence = (feedback.baseSequence + index) & 0xffff
      if (deltaUs !== notReceived) arrivalUs += deltaUs
      if (!this.#history.has(sequence)) continue
      const sentUs = this.#history.sentUs(sequence)
      if (deltaUs === notReceived) {
        this.#onMissing(sequence, sentUs)
        continue
      }
      if (!this.#onArrived(sequence, sentUs)) continue
      this.#delivered.add(sentUs, arrivalUs, this.#history.bytes(sequence))
      if (sentUs >= this.#freshSinceUs) this.#delay.add(sentUs, arrivalUs)
      newestSentUs = Math.max(newestSentUs, sentUs)
    }
    if (newestSentUs > -Infinity) this.#feedbackRoundTrip.add(nowUs - newestSentUs, nowUs)
  }

  #onMissing(sequence: number, sentUs: number): void {
    if (this.#history.fate(sequence) !== 'in-flight') return
    this.#history.setFate(sequence, 'lost')
    if (this.#isOfThisRate(sentUs)) this.#loss.onLost()
  }

  /** False for a packet that was reported before. */
  #onArrived(sequence: number, sentUs: number): boolean {
    const fate = this.#history.fate(sequence)
    if (fate === 'received') return false
    this.#history.setFate(sequence, 'received')
    if (!this.#isOfThisRate(sentUs)) return true
    if (fate === 'lost') this.#loss.onLate()
    else this.#loss.onReceived()
    return true
  }

  /** What a rate lost that is not sent at any more must not lower the one that took its place. */
  #isOfThisRate(sentUs: number): boolean {
    return sentUs >= this.#loweredUs && sentUs >= this.#freshSinceUs
  }

  /** The receiver's clock without the wrap of its 24 bits. */
  #unwrapReference(referenceTimeUs: number): number {
    const period = referenceTimePeriodUs
    const before = this.#referenceUs ?? referenceTimeUs
    const step = ((((referenceTimeUs - before) % period) + 1.5 * period) % period) - period / 2
    this.#referenceUs = before + step
    return this.#referenceUs
  }

  #onHeard(nowUs: number): void {
    this.#isHeard = true
    const wasSilent = this.#silence.active
    this.#silence.end()
    if (!wasSilent) return
    // On at half of what was sent before, and quickly up to where it was.
    this.#silentFactor = 1
    this.#freshSinceUs = nowUs
    this.#loss.restart()
    this.#delay.restart()
    this.#aimd.resume(this.#aimd.targetBps / 2, this.#aimd.targetBps, nowUs)
  }

  /** Moves the target by what delay and loss say; `provenBps` is what went over the path lately. */
  #adapt(provenBps: number, nowUs: number): void {
    const beforeBps = this.targetBps
    const delay = this.#delay.verdict
    const loss = this.#loss.verdict
    if (nowUs < this.#settledUs) {
      this.#aimd.hold(nowUs)
    } else if (delay === 'full') {
      this.#lowerByDelay(nowUs)
    } else if (loss === 'heavy') {
      this.#aimd.lower(beforeBps * (1 - this.#loss.share), takenOfLossyFactor, nowUs)
      this.#onLowered(nowUs)
    } else if (delay === 'free') {
      this.#freeBps = undefined
      const limitBps = provenBps * limitFactor + limitSlackBps
      this.#aimd.raise({ limitBps, roundTripMs: this.roundTripMs, isDoubtful: loss === 'some' }, nowUs)
    } else {
      this.#aimd.hold(nowUs)
    }
    this.#aimd.clamp(this.#floorBps, Math.min(this.#maxBps, this.#wishBps))
    this.#noteCause(beforeBps, delay === 'full' ? 'delay' : 'loss')
  }

  #lowerByDelay(nowUs: number): void {
    const { standingMs, shortestUs } = this.#delay
    const capacityBps = this.#delivered.busyRateBps(busyWindowUs, shortestUs) ?? this.#aimd.targetBps
    const factor = Math.max(minTakenFactor, Math.min(takenFactor, 1 - standingMs / drainMs))
    this.#freeBps ??= this.#aimd.targetBps
    this.#aimd.lower(capacityBps, factor, nowUs)
    const wasMistaken = this.#delay.onLowered()
    if (wasMistaken) this.#aimd.resume(this.#aimd.targetBps, this.#freeBps, nowUs)
    this.#onLowered(nowUs)
  }

  #onLowered(nowUs: number): void {
    this.#loweredUs = nowUs
    this.#settledUs = nowUs + (this.roundTripMs + 100 + this.queueDelayMs) * 1000
    this.#loss.restart()
  }

  #noteCause(beforeBps: number, cause: AdaptationCause): void {
    const afterBps = this.targetBps
    if (afterBps < beforeBps) this.#lastCause = cause
    if (afterBps > beforeBps) this.#lastCause = 'probe'
  }
}
