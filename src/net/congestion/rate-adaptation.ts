import { Aimd } from './aimd.ts'
import { DelayDetector } from './delay-detector.ts'
import { DeliveredRate } from './delivered-rate.ts'
import { LossDetector } from './loss-detector.ts'
import { PathLoss } from './path-loss.ts'
import { Prober } from './prober.ts'
import { StartWindow } from './start-window.ts'
import type { ArrivedPacket, ArrivalObserver } from './sent-packets.ts'

/** The target may be this much above what is really sent: a still picture proves nothing about the path. */
const limitFactor = 1.5
const limitSlackBps = 300_000
/** The capacity is measured over this long, and what arrives in all over this long. */
const busyWindowUs = 150_000
const deliveredWindowUs = 1_000_000
/** Of a measured capacity, this is taken; less, the longer the queue that is to be empty after about a second. */
const takenFactor = 0.88
const minTakenFactor = 0.4
const drainMs = 1000
/** Of what got through in spite of heavy loss, this is taken. */
const takenOfLossyFactor = 0.95
/** Feedback can be this old when it is sent. */
const reportMs = 100
/** No queue is waited for longer than this. */
const maxSettleMs = 1500

/** Of what is sent so much arrives where the path carries it. */
const carriedShare = 0.8

/** What the path carried before it was full is forgotten after this. */
const knownUs = 60_000_000

/** What is known of the path beside what the packets tell. */
export interface PathFacts {
  readonly roundTripMs: number
  /** Sent, and not known to have arrived. */
  readonly bytesOnTheWay: number
  /** What went over the path lately; undefined: what arrived. */
  readonly provenBps?: number
}

/** Puts delay and loss together into one rate: who judges, how far to go, and how long to wait for the effect. */
export class RateAdaptation implements ArrivalObserver {
  readonly #delivered = new DeliveredRate()
  readonly #delay = new DelayDetector()
  readonly #loss = new LossDetector()
  readonly #pathLoss = new PathLoss()
  readonly #aimd: Aimd
  readonly #prober = new Prober()
  readonly start = new StartWindow()
  /** What the first packets tell has been looked at. */
  #isBegun = false
  readonly #startBps: number
  /** Packets sent before this tell of a silence, not of the path as it is now. */
  #freshSinceUs = -Infinity
  /** When the rate fell last, when that shows, and when what had been sent before has arrived too. */
  #loweredUs = -Infinity
  #shownUs = -Infinity
  #settledUs = -Infinity
  /** What was sent when the path turned out to be full, or seemed to. */
  #knownBps = 0
  #isFree = false
  /** The rate before the decreases that go on now. */
  #freeBps: number | undefined

  constructor(startBps: number) {
    this.#aimd = new Aimd(startBps)
    this.#startBps = startBps
  }

  get targetBps(): number {
    return this.#aimd.targetBps
  }

  get deliveredBps(): number {
    return this.#delivered.rateBps(deliveredWindowUs) ?? 0
  }

  get lossRatio(): number {
    return this.#loss.lossRatio
  }

  /** Without what is lost in a queue that is too full. */
  get pathLossRatio(): number {
    return this.#pathLoss.ratio
  }

  /** What is lost now is what was too much. */
  get isOverflowing(): boolean {
    return this.#pathLoss.isOfQueue(this.#delay.latestMs)
  }

  get queueDelayMs(): number {
    return this.#delay.standingMs
  }

  onArrived(packet: ArrivedPacket): void {
    const { sentUs, arrivalUs, bytes, isLate } = packet
    this.#delivered.add(sentUs, arrivalUs, bytes)
    this.#prober.onArrived(packet)
    this.start.onArrived(bytes)
    if (sentUs >= this.#freshSinceUs) this.#delay.add(sentUs, arrivalUs)
    if (isLate) this.#pathLoss.onLate()
    else this.#pathLoss.add(false, this.#delay.latestMs)
    if (!this.#isOfThisRate(sentUs)) return
    if (isLate) this.#loss.onLate()
    else this.#loss.onReceived()
  }

  onLost(sentUs: number): void {
    this.#pathLoss.add(true, this.#delay.latestMs)
    if (this.#isOfThisRate(sentUs)) this.#loss.onLost()
  }

  /** A share of lost packets that the receiver has counted itself. */
  onLossReport(share: number): void {
    this.#loss.report(share)
  }

  /** What a rate lost that is not sent at any more must not lower the one that took its place. */
  #isOfThisRate(sentUs: number): boolean {
    return sentUs >= this.#loweredUs && sentUs >= this.#freshSinceUs
  }

  /** Judges what has been observed. Returns what the rate fell by, if it did. */
  adapt(path: PathFacts, nowUs: number): 'delay' | 'loss' | undefined {
    const delay = this.#delay.verdict
    const loss = this.#loss.judge(nowUs)
    this.#pathLoss.look(this.#delay.latestMs, nowUs)
    this.#isFree = delay === 'free' && loss === 'free'
    if ((delay === 'full' && nowUs >= this.#settledUs) || this.#isSmaller()) {
      this.#lowerByDelay(path, nowUs)
      return 'delay'
    }
    if (delay !== 'full' && loss === 'heavy' && nowUs >= this.#settledUs) {
      const fromBps = this.#aimd.targetBps
      this.#aimd.lower(fromBps * (1 - this.#loss.share), takenOfLossyFactor, nowUs)
      const backBps = delay === 'free' ? this.#loss.onLowered(fromBps) : undefined
      if (backBps !== undefined) this.#aimd.leap(backBps, nowUs)
      this.#onLowered(path, 0, nowUs)
      return 'loss'
    }
    const foundBps = this.#prober.take({ targetBps: this.targetBps, roundTripMs: path.roundTripMs }, nowUs)
    if (foundBps !== undefined && foundBps > this.targetBps) this.#aimd.leap(foundBps, nowUs)
    else if (foundBps !== undefined) this.#aimd.lower(foundBps / takenFactor, takenFactor, nowUs)
    if (delay === 'free' && nowUs >= this.#shownUs) {
      this.#freeBps = undefined
      const provenBps = path.provenBps ?? this.deliveredBps
      const limitBps = provenBps * limitFactor + limitSlackBps
      this.#aimd.raise({ limitBps, provenBps, roundTripMs: path.roundTripMs, isDoubtful: loss !== 'free' }, nowUs)
    } else {
      this.#aimd.hold(nowUs)
    }
    return undefined
  }

  /** Once, by the packets that a path is begun with: they came as fast as it takes them, which is less than was assumed. */
  #isSmaller(): boolean {
    if (this.#isBegun || !this.start.isOver) return false
    this.#isBegun = true
    const capacityBps = this.#delivered.busyRateBps(busyWindowUs, this.#delay.shortestUs)
    return capacityBps !== undefined && capacityBps < carriedShare * this.targetBps
  }

  #lowerByDelay(path: PathFacts, nowUs: number): void {
    const capacityBps = this.#delivered.busyRateBps(busyWindowUs, this.#delay.shortestUs) ?? this.#aimd.targetBps
    // How long a packet that went out now would wait: what the last ones did, or what is known to be before it.
    const onTheWayMs = (path.bytesOnTheWay * 8000) / capacityBps
    const queueMs = Math.max(this.#delay.latestMs, onTheWayMs - path.roundTripMs)
    const factor = Math.max(minTakenFactor, Math.min(takenFactor, 1 - queueMs / drainMs))
    this.#freeBps ??= this.#aimd.targetBps
    if (nowUs - this.#loweredUs > knownUs) this.#knownBps = 0
    // The rate that was assumed to begin with is nothing to go back to, where the path never carried it.
    const isKnown = this.#freeBps > this.#startBps || this.deliveredBps > carriedShare * this.#freeBps
    if (isKnown) this.#knownBps = Math.max(this.#knownBps, this.#freeBps)
    this.#aimd.lower(capacityBps, factor, nowUs)
    const wasMistaken = this.#delay.onLowered(queueMs)
    if (wasMistaken) this.#aimd.resume(this.#aimd.targetBps, this.#freeBps, nowUs)
    this.#onLowered(path, queueMs, nowUs)
  }

  #onLowered(path: PathFacts, queueMs: number, nowUs: number): void {
    this.#prober.abandon(nowUs)
    this.#loweredUs = nowUs
    this.#shownUs = nowUs + (path.roundTripMs + reportMs) * 1000
    this.#settledUs = this.#shownUs + Math.min(queueMs, maxSettleMs) * 1000
    this.#loss.restart()
  }

  /** The path is back after a silence: on at half of what was sent before, and quickly up to where it was. */
  resume(nowUs: number): void {
    this.#freshSinceUs = nowUs
    this.#loss.restart()
    this.#delay.restart()
    this.#aimd.resume(this.#aimd.targetBps / 2, this.#aimd.targetBps, nowUs)
  }

  /** Nothing got through for so long that the rate begins at `floorBps`, and quickly goes up to where it was. */
  collapse(floorBps: number, nowUs: number): void {
    this.#freshSinceUs = nowUs
    this.#loss.restart()
    this.#delay.restart()
    this.#aimd.resume(floorBps, this.#aimd.targetBps, nowUs)
  }

  /** The rate to try the path with, for a moment and beyond the target, where that is of use up to `goalBps`. */
  probeBps(path: { readonly goalBps: number; readonly roundTripMs: number }, nowUs: number): number | undefined {
    if (nowUs < this.#settledUs) return undefined
    const { targetBps, deliveredBps } = this
    const knownBps = nowUs - this.#loweredUs > knownUs ? 0 : this.#knownBps
    return this.#prober.due({ ...path, targetBps, deliveredBps, knownBps, isFree: this.#isFree }, nowUs)
  }

  get prober(): Prober {
    return this.#prober
  }

  /** Keeps the rate within bounds. */
  clamp(floorBps: number, capBps: number): void {
    this.#aimd.clamp(floorBps, capBps)
  }
}
