import type { ArrivedPacket } from './sent-packets.ts'

/** Little is sent when it is less than this share of the target: that much proves nothing about the path. */
const idleShare = 0.5
/** A rate below this share of what the path was known to carry is worth a try of its own. */
const fallenShare = 0.5
/** A probe is so many times the target, for so long, and so many bytes at least; beside pictures that take the target, less. */
const idleStep = 4
const fallenStep = 2
const lengthUs = 25_000
const leastBytes = 3_000
/** Of a probe so much has to arrive, or it says nothing. */
const arrivedShare = 0.8
/** A path that carries less than this of a probe carries no more than that. */
const carriedShare = 0.8
/** Of what was measured this is taken: a burst can arrive faster than a stream would. */
const takenShare = 0.85
/** What a probe finds has to be so much more than the target to be called more, or less than it to be called less. */
const worthwhile = 1.15
/** What takes so many times as long to arrive as it took to be sent was held back by the path. */
const heldBack = 1.5
/** So many probes in a row have to find less: a single one may have met a hiccup of the radio. */
const agreeing = 2
const firstPauseUs = 300_000
const longestPauseUs = 16_000_000
/** What has not arrived by then, beyond the round trip, will not. */
const patienceUs = 400_000

/** The path as a probe sees it. */
export interface ProbedPath {
  readonly targetBps: number
  /** As much as is of use. */
  readonly goalBps: number
  /** What arrives now. */
  readonly deliveredBps: number
  /** What the path carried before the rate fell, 0 when it has not. */
  readonly knownBps: number
  readonly roundTripMs: number
  /** Nothing waits in the path and nothing is lost. */
  readonly isFree: boolean
}

interface Running {
  readonly bps: number
  readonly bytes: number
  readonly startUs: number
  sentBytes: number
  endUs: number | undefined
  firstArrivalUs: number
  lastArrivalUs: number
  firstBytes: number
  arrivedBytes: number
  lastSentUs: number
  /** When half of it had arrived, when its last packet had been sent, and what that was; undefined before. */
  half: { readonly sentUs: number; readonly arrivalUs: number; readonly bytes: number } | undefined
}

/**
 * Tries what a path carries by a short burst of padding, where pictures are too few to show it: a screen at rest, or a rate that fell
 * for a delay that has passed (draft-ietf-rmcat-gcc-02 knows nothing of it; libwebrtc's probe clusters are alike). Pure.
 */
export class Prober {
  #running: Running | undefined
  #pauseUs = firstPauseUs
  #notBeforeUs = -Infinity
  /** What each of the last probes found that found less than the target. */
  #less: number[] = []

  /** The rate to probe with now, in bits a second; undefined while there is nothing to be tried. */
  due(path: ProbedPath, nowUs: number): number | undefined {
    if (this.#running || nowUs < this.#notBeforeUs || !path.isFree) return undefined
    const { targetBps, goalBps, deliveredBps, knownBps } = path
    if (targetBps * worthwhile >= goalBps) return undefined
    const isIdle = deliveredBps < idleShare * targetBps
    const isFallen = targetBps < fallenShare * knownBps
    const step = isIdle ? idleStep : fallenStep
    return isIdle || isFallen ? Math.min(step * targetBps, goalBps / takenShare) : undefined
  }

  /** A probe begins: everything that is sent from now on is part of it. Returns how many bytes it has to have. */
  begin(bps: number, nowUs: number): number {
    const bytes = Math.max(leastBytes, (bps * lengthUs) / 8e6)
    this.#running = {
      bps,
      bytes,
      startUs: nowUs,
      sentBytes: 0,
      endUs: undefined,
      firstArrivalUs: Infinity,
      lastArrivalUs: -Infinity,
      firstBytes: 0,
      arrivedBytes: 0,
      lastSentUs: -Infinity,
      half: undefined,
    }
    return bytes
  }

  /** Not all of it has been sent. */
  get isRunning(): boolean {
    return this.#running !== undefined && this.#running.endUs === undefined
  }

  onSent(bytes: number): void {
    if (this.#running && this.#running.endUs === undefined) this.#running.sentBytes += bytes
  }

  /** All of it has been sent. */
  end(nowUs: number): void {
    if (this.#running) this.#running.endUs ??= nowUs
  }

  onArrived({ sentUs, arrivalUs, bytes }: ArrivedPacket): void {
    const probe = this.#running
    if (!probe || sentUs < probe.startUs || sentUs > (probe.endUs ?? Infinity)) return
    probe.arrivedBytes += bytes
    if (arrivalUs < probe.firstArrivalUs) {
      probe.firstArrivalUs = arrivalUs
      probe.firstBytes = bytes
    }
    probe.lastArrivalUs = Math.max(probe.lastArrivalUs, arrivalUs)
    probe.lastSentUs = Math.max(probe.lastSentUs, sentUs)
    if (!probe.half && probe.arrivedBytes >= probe.bytes / 2)
      probe.half = { sentUs, arrivalUs, bytes: probe.arrivedBytes }
  }

  /**
   * What a probe that is over found the path to carry, when that is more than `targetBps`, or when several have found less: a target
   * that was assumed, or that only a former path has carried, is put right before the first picture floods the path.
   */
  take({ targetBps, roundTripMs }: Pick<ProbedPath, 'targetBps' | 'roundTripMs'>, nowUs: number): number | undefined {
    const probe = this.#running
    if (probe?.endUs === undefined) return undefined
    const isComplete = probe.arrivedBytes >= probe.sentBytes
    if (!isComplete && nowUs < probe.endUs + roundTripMs * 1000 + patienceUs) return undefined
    this.#running = undefined
    const foundBps = probe.arrivedBytes >= arrivedShare * probe.sentBytes ? carriedBy(probe) * takenShare : 0
    const isAll = foundBps >= carriedShare * takenShare * probe.bps
    const isMore = foundBps > worthwhile * targetBps
    this.#pauseUs = isAll ? firstPauseUs : Math.min(longestPauseUs, this.#pauseUs * 2)
    this.#notBeforeUs = isAll && isMore ? nowUs : nowUs + this.#pauseUs
    if (isMore || foundBps * worthwhile > targetBps) this.#less = []
    else if (foundBps > 0) this.#less.push(foundBps)
    if (isMore) return foundBps
    return this.#less.length >= agreeing ? Math.max(...this.#less.splice(0)) : undefined
  }

  /** The path was full: a probe that is under way says nothing any more, and the next one waits. */
  abandon(nowUs: number): void {
    if (this.#running) this.#pauseUs = Math.min(longestPauseUs, this.#pauseUs * 2)
    this.#running = undefined
    this.#notBeforeUs = Math.max(this.#notBeforeUs, nowUs + (this.#pauseUs > firstPauseUs ? this.#pauseUs : 0))
  }
}

/** Bits a second, no more than were sent: what waits on the way may come all at once. */
function carriedBy(probe: Running): number {
  const sentUs = Math.max(1, (probe.endUs ?? probe.startUs) - probe.startUs)
  const arrivedUs = Math.max(1, probe.lastArrivalUs - probe.firstArrivalUs)
  const sentBps = (probe.sentBytes * 8e6) / sentUs
  const arrivedBps = ((probe.arrivedBytes - probe.firstBytes) * 8e6) / arrivedUs
  return Math.min(sentBps, probe.bps, arrivedBps, laterBps(probe))
}

/**
 * How fast the second half came, where the path held it back: a shaper lets the beginning of a burst through as it comes. Infinity
 * where it came about as fast as it was sent.
 */
function laterBps({ half, arrivedBytes, lastArrivalUs, lastSentUs }: Running): number {
  if (!half || arrivedBytes === half.bytes) return Infinity
  const arrivedUs = lastArrivalUs - half.arrivalUs
  return arrivedUs > heldBack * (lastSentUs - half.sentUs) ? ((arrivedBytes - half.bytes) * 8e6) / arrivedUs : Infinity
}
