import type { Probe } from '../pacing/padding-run.ts'
import type { ArrivalReport } from './arrival-report.ts'
import { RateAdaptation, type PathFacts } from './rate-adaptation.ts'
import { SentPackets } from './sent-packets.ts'
import { Silence } from './silence.ts'

/** What the other end tells: when each packet arrived, or what share of them was lost. */
export type RateKnownBy = 'arrivals' | 'losses'

export interface BitrateControllerOptions {
  /** What is assumed before anything was measured. 2.5 Mbit/s unless given. */
  startBps?: number
  /** The target never goes below. 150 kbit/s unless given. */
  floorBps?: number
  /** Nor above; see {@link BitrateController.setCap}. 30 Mbit/s unless given. */
  capBps?: number
  /** By loss reports alone, the receiver's own estimate and the loss decide. Arrivals unless given. */
  rateKnownBy?: RateKnownBy
}

/** Why the target changed last: delay, loss (silence counts as loss), growth that looks for more, or another path. */
export type AdaptationCause = 'delay' | 'loss' | 'probe' | 'path'

/** Enough to make a screen sharp within a second. More is found by pictures that take it. */
const probeGoalBps = 4_000_000
const unknownRoundTripMs = 100
/** Bursts leave at this multiple of the target, and at a gentler one while a queue stands or overflows. */
const pacingFactor = 2.5
const gentlePacingFactor = 1.25
/** On a small path too, where a single packet takes ten milliseconds: what leaves sooner would only wait there, and sound behind it. */
const smallBps = 1_000_000
const largeBps = 4_000_000
const gentleAboveMs = 30
const gentleAboveLoss = 0.03
/** Reports are missed after this long and two round trips, at most after the second; loss reports come less often. */
const patienceMs = 500
const maxPatienceMs = 1000
const lossPatienceMs = 4000
/** Others may have come onto a path meanwhile. */
const takenOfKnown = 0.7
const mostKnownWays = 8

/** What is known of one path: all of it is forgotten when the two ends reach each other by another one. */
class PathKnowledge {
  readonly sent = new SentPackets()
  readonly silence = new Silence()
  readonly adaptation: RateAdaptation
  reportedRoundTripMs: number | undefined
  /** The receiver's own estimate. */
  receiverLimitBps = Infinity
  silentFactor = 1
  isHeard = false
  lossReportedUs: number | undefined
  bytesSinceLossReport = 0
  /** The target as the last report left it: what came of silence since then says that the path is gone, not what it carries. */
  carriedBps = 0

  constructor(startBps: number) {
    this.adaptation = new RateAdaptation(startBps)
  }
}

/**
 * Decides how much may be sent to one viewer, by everything that goes to it (sound, pictures, resends). Pure: every call
 * is given the time, in microseconds of one monotonic clock.
 *
 * The target is the least of what delay, loss, the receiver's own estimate and the viewer's wish allow.
 */
export class BitrateController {
  readonly #startBps: number
  readonly #floorBps: number
  readonly #maxBps: number
  #rateKnownBy: RateKnownBy
  #path: PathKnowledge
  #wishBps = Infinity
  #lastCause: AdaptationCause = 'probe'
  #way: string | undefined
  /** Of paths that were left, by their names. */
  readonly #carried = new Map<string, number>()

  constructor(options: BitrateControllerOptions = {}) {
    this.#startBps = options.startBps ?? 2_500_000
    this.#floorBps = options.floorBps ?? 150_000
    this.#maxBps = options.capBps ?? 30_000_000
    this.#rateKnownBy = options.rateKnownBy ?? 'arrivals'
    this.#path = new PathKnowledge(this.#startBps)
  }

  /**
   * A packet goes out; `bytes` with its header. `number` grows by one with each and never wraps; by loss reports alone it
   * does not matter. Allocates nothing.
   */
  onSent(number: number, bytes: number, nowUs: number): void {
    const path = this.#path
    path.sent.onSent(number, bytes, nowUs)
    path.adaptation.prober.onSent(bytes)
    path.silence.onSent(nowUs)
    path.adaptation.start.onSent(bytes, nowUs)
    path.bytesSinceLossReport += bytes
  }

  /** What is to be expected from the other end; as the option says at first. */
  setRateKnownBy(rateKnownBy: RateKnownBy): void {
    this.#rateKnownBy = rateKnownBy
  }

  /** What the path is called that it begins on. */
  begins(way: string): void {
    this.#way = way
  }

  /**
   * The two ends reach each other by another path. What the former one was known to carry says nothing of it: the rate
   * begins where it did at the very first, or with most of what this path has carried when it was taken before (by its name, where there is
   * one), and what is still reported of packets that took the former path is ignored.
   */
  onPathChange(way?: string): void {
    if (this.#way !== undefined) this.#remember(this.#way, this.#path.carriedBps)
    this.#way = way
    const known = way === undefined ? undefined : this.#carried.get(way)
    this.#path = new PathKnowledge(Math.max(this.#startBps, (known ?? 0) * takenOfKnown))
    this.#path.adaptation.clamp(this.#floorBps, Math.min(this.#maxBps, this.#wishBps))
    this.#lastCause = 'path'
  }

  onArrivals(report: ArrivalReport, nowUs: number): void {
    const { sent, adaptation } = this.#path
    this.#onHeard(nowUs)
    sent.read(report, nowUs, adaptation)
    this.#adapt({ roundTripMs: this.roundTripMs, bytesOnTheWay: sent.bytesOnTheWay }, nowUs)
  }

  /** The worst share lost (0 to 1) that the receiver has counted since it said so last; counts only without arrivals. */
  onLosses(shareLost: number, nowUs: number): void {
    if (this.#rateKnownBy === 'arrivals') return
    const path = this.#path
    this.#onHeard(nowUs)
    const spanUs = nowUs - (path.lossReportedUs ?? nowUs)
    const provenBps = spanUs > 0 ? (path.bytesSinceLossReport * 8e6) / spanUs : 0
    path.lossReportedUs = nowUs
    path.bytesSinceLossReport = 0
    path.adaptation.onLossReport(shareLost)
    this.#adapt({ roundTripMs: this.roundTripMs, bytesOnTheWay: 0, provenBps }, nowUs)
  }

  /** Everything was lost for several timeouts (RFC 9002, section 7.6): what the path carries has to be found out from below. */
  onPersistentLoss(nowUs: number): void {
    const beforeBps = this.targetBps
    this.#path.adaptation.collapse(this.#floorBps, nowUs)
    this.#noteCause(beforeBps, 'loss')
  }

  /** A round trip that was measured; without any, arrivals give an upper bound. */
  onRoundTrip(roundTripMs: number): void {
    const known = this.#path.reportedRoundTripMs ?? roundTripMs
    this.#path.reportedRoundTripMs = known + (roundTripMs - known) / 4
  }

  /** The receiver's own estimate, a further upper bound. */
  onReceiverLimit(bitrateBps: number): void {
    const beforeBps = this.targetBps
    this.#path.receiverLimitBps = bitrateBps
    this.#noteCause(beforeBps, 'delay')
  }

  /** The most that this viewer wants; 0 for no limit but `capBps`. */
  setCap(bitrateBps: number): void {
    this.#wishBps = bitrateBps > 0 ? bitrateBps : Infinity
  }

  /** Notices reports that stay away; call it about every 100 ms. */
  poll(nowUs: number): void {
    const path = this.#path
    const heardMs = Math.min(maxPatienceMs, patienceMs + 2 * this.roundTripMs)
    const waitMs = this.#rateKnownBy === 'arrivals' ? (path.isHeard ? heardMs : maxPatienceMs) : lossPatienceMs
    if (!path.silence.poll(waitMs, nowUs)) return
    path.silentFactor /= 2
    this.#lastCause = 'loss'
  }

  /**
   * A probe that is due, which begins with this call: so many bytes of padding are to be sent at this rate, then `endProbe` called.
   * Undefined for none.
   */
  beginProbe(nowUs: number): Probe | undefined {
    const { adaptation, isHeard, receiverLimitBps, silence } = this.#path
    if (this.#rateKnownBy !== 'arrivals' || !isHeard || silence.active) return undefined
    const goalBps = Math.min(probeGoalBps, this.#wishBps, this.#maxBps, receiverLimitBps)
    const bitrateBps = adaptation.probeBps({ goalBps, roundTripMs: this.roundTripMs }, nowUs)
    if (bitrateBps === undefined) return undefined
    return { bitrateBps, bytes: adaptation.prober.begin(bitrateBps, nowUs) }
  }

  endProbe(nowUs: number): void {
    this.#path.adaptation.prober.end(nowUs)
  }

  /** What may be sent now, in bits a second, headers included. Audio and resends are part of it. */
  get targetBps(): number {
    const { adaptation, silentFactor, receiverLimitBps } = this.#path
    const bps = adaptation.targetBps * silentFactor
    return Math.max(this.#floorBps, Math.min(bps, receiverLimitBps, this.#wishBps, this.#maxBps))
  }

  /** Bursts are spread, whatever the path tells: it loses much, or often. */
  isGentle = false

  /** How fast a pacer may let a burst out. */
  get pacingBps(): number {
    const isGentle = this.isGentle || this.queueDelayMs > gentleAboveMs || this.lossRatio > gentleAboveLoss
    // Padding leaves when nothing else waits.
    const isLarge = this.#path.adaptation.prober.isRunning
    const size = isLarge ? 1 : Math.max(0, Math.min(1, (this.targetBps - smallBps) / (largeBps - smallBps)))
    const factor = gentlePacingFactor + size * (pacingFactor - gentlePacingFactor)
    return this.targetBps * (isGentle ? gentlePacingFactor : factor)
  }

  /** Whether anything may be sent yet, on a path of which nothing is known. */
  hasStartRoom(nowUs: number): boolean {
    return this.#rateKnownBy !== 'arrivals' || this.#path.adaptation.start.hasRoom(nowUs)
  }

  /** What arrived lately, in bits a second. */
  get deliveredBps(): number {
    return this.#path.adaptation.deliveredBps
  }

  /** Share of packets lost lately, 0 to 1. */
  get lossRatio(): number {
    return this.#path.adaptation.lossRatio
  }

  /**
   * Share of packets that the path loses by itself, 0 to 1: what repair has to make up for. What is lost in a queue that is too full is not
   * part of it, as less is sent for that; by loss reports alone the two cannot be told apart.
   */
  get pathLossRatio(): number {
    const { adaptation } = this.#path
    return this.#rateKnownBy === 'arrivals' ? adaptation.pathLossRatio : adaptation.lossRatio
  }

  /** What is lost now is what was too much for the path. */
  get isOverflowing(): boolean {
    return this.#rateKnownBy === 'arrivals' && this.#path.adaptation.isOverflowing
  }

  /** Time that packets wait in the path beyond its shortest delay, in milliseconds. */
  get queueDelayMs(): number {
    return this.#path.adaptation.queueDelayMs
  }

  /** Smoothed, in milliseconds; 100 until it is known. */
  get roundTripMs(): number {
    const { reportedRoundTripMs, sent } = this.#path
    if (reportedRoundTripMs !== undefined) return reportedRoundTripMs
    return Number.isFinite(sent.roundTripMs) ? sent.roundTripMs : unknownRoundTripMs
  }

  get lastCause(): AdaptationCause {
    return this.#lastCause
  }

  #remember(way: string, bps: number): void {
    this.#carried.delete(way)
    this.#carried.set(way, bps)
    const [oldest] = this.#carried.keys()
    if (this.#carried.size > mostKnownWays && oldest !== undefined) this.#carried.delete(oldest)
  }

  #onHeard(nowUs: number): void {
    const path = this.#path
    if (path.silence.active) path.adaptation.resume(nowUs)
    path.silence.end()
    path.silentFactor = 1
    path.isHeard = true
  }

  #adapt(facts: PathFacts, nowUs: number): void {
    const beforeBps = this.targetBps
    const cause = this.#path.adaptation.adapt(facts, nowUs)
    this.#path.adaptation.clamp(this.#floorBps, Math.min(this.#maxBps, this.#wishBps))
    this.#path.carriedBps = this.#path.adaptation.targetBps
    this.#noteCause(beforeBps, cause ?? 'probe')
  }

  #noteCause(beforeBps: number, cause: AdaptationCause): void {
    const afterBps = this.targetBps
    if (afterBps < beforeBps) this.#lastCause = cause
    if (afterBps > beforeBps) this.#lastCause = 'probe'
  }
}
