/** Growth a second while nothing has stood in the way yet, and at most. */
const maxGrowth = 0.4
/** Growth a second when the rate leaves the neighbourhood of a known capacity; it doubles every second. */
const minGrowth = 0.08
/** Growth a second far below a known capacity. */
const returnGrowth = 0.5
/** Growth a second near a known capacity, where it must not be passed by much. */
const nearGrowth = 0.03
/** Where near begins and ends, as parts of the capacity. */
const nearFrom = 0.85
const nearTo = 1.1
/** Beyond a capacity, growth is faster only where so much of the target is really sent: an encoder that gave less may give all of it at any time. */
const provenShare = 0.85
/** A decrease that the measured capacity does not explain is still one. */
const leastDecreaseFactor = 0.95
/** Weight of a new measurement of the capacity. */
const capacityWeight = 0.4
/** Longer pauses count as this much time to grow in. */
const maxStepMs = 200
const packetBits = 1200 * 8

/** How far a rate may grow. */
interface Room {
  readonly limitBps: number
  /** What the path carries now, without harm. */
  readonly provenBps: number
  readonly roundTripMs: number
  readonly isDoubtful: boolean
}

/**
 * A rate that grows while the path is free and falls to below what the path carries when it is not: additive increase,
 * multiplicative decrease (draft-ietf-rmcat-gcc-02, section 5.5).
 */
export class Aimd {
  #targetBps: number
  #capacityBps: number | undefined
  #growth = maxGrowth
  #steppedUs: number | undefined

  constructor(startBps: number) {
    this.#targetBps = startBps
  }

  get targetBps(): number {
    return this.#targetBps
  }

  /**
   * The path is free: the target grows, though not beyond `limitBps`, to which it does not fall either. `isDoubtful`
   * keeps it to the slow growth near a capacity, wherever it is.
   */
  raise(path: Room, nowUs: number): void {
    const stepS = this.#step(nowUs)
    if (this.#targetBps >= path.limitBps) return
    const growthBps = path.isDoubtful ? this.#nearGrowthBps(path.roundTripMs) : this.#growthBps(path, stepS)
    this.#targetBps = Math.min(this.#targetBps + growthBps * stepS, path.limitBps)
  }

  /** Neither up nor down. */
  hold(nowUs: number): void {
    this.#step(nowUs)
  }

  /** The path is full: it carries `capacityBps`, of which `factor` is taken. */
  lower(capacityBps: number, factor: number, nowUs: number): void {
    this.#step(nowUs)
    this.#learn(capacityBps)
    this.#targetBps = Math.min(this.#targetBps * leastDecreaseFactor, capacityBps * factor)
    this.#growth = minGrowth
  }

  /** The path was seen to carry more than the target: on from there. */
  leap(targetBps: number, nowUs: number): void {
    this.#step(nowUs)
    this.#targetBps = Math.max(this.#targetBps, targetBps)
    if (this.#capacityBps !== undefined && this.#capacityBps < targetBps) this.#capacityBps = undefined
  }

  /** Goes on at `targetBps`, as far below a capacity of `capacityBps`. */
  resume(targetBps: number, capacityBps: number, nowUs: number): void {
    this.#step(nowUs)
    this.#targetBps = targetBps
    this.#capacityBps = capacityBps
  }

  /** Keeps the target within bounds. */
  clamp(floorBps: number, capBps: number): void {
    this.#targetBps = Math.max(floorBps, Math.min(capBps, this.#targetBps))
  }

  /** Seconds since the last step. */
  #step(nowUs: number): number {
    const stepMs = (nowUs - (this.#steppedUs ?? nowUs)) / 1000
    this.#steppedUs = nowUs
    return Math.min(maxStepMs, stepMs) / 1000
  }

  /** Bits a second, a second. */
  #growthBps({ roundTripMs, provenBps }: Room, stepS: number): number {
    const part = this.#capacityBps === undefined ? Infinity : this.#targetBps / this.#capacityBps
    if (part < nearFrom) return this.#targetBps * returnGrowth
    if (part <= nearTo || (this.#capacityBps !== undefined && provenBps < provenShare * this.#targetBps)) {
      return this.#nearGrowthBps(roundTripMs)
    }
    // The path carries more than it did: what was measured then is no measure any more.
    this.#capacityBps = undefined
    this.#growth = Math.min(maxGrowth, this.#growth * 2 ** stepS)
    return this.#targetBps * this.#growth
  }

  /** Half a packet in the time that a change takes to show, or a small part where that is more. */
  #nearGrowthBps(roundTripMs: number): number {
    const responseS = (roundTripMs + 100) / 1000
    return Math.max(this.#targetBps * nearGrowth, packetBits / (2 * responseS))
  }

  #learn(measuredBps: number): void {
    const known = this.#capacityBps
    const isSamePath = known !== undefined && measuredBps > known / 1.5 && measuredBps < known * 1.5
    this.#capacityBps = isSamePath ? known + capacityWeight * (measuredBps - known) : measuredBps
  }
}
