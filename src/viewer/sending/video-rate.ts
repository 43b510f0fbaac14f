import type { AdaptationCause, BitrateController } from '../../net/congestion/bitrate-controller.ts'

/** Below this a picture says nothing any more. */
const leastVideoBps = 100_000
/** What remains for pictures when each packet of 1,164 bytes has 20 bytes of header. */
const usualPayloadShare = 0.98
/** Downwards at once; upwards only in steps that are worth an encoder's attention. */
const downStep = 0.02
const upStep = 0.05
const upPeriodUs = 300_000
/** A change that operators want to know of. */
const notableStep = 0.25
const notablePeriodUs = 2_000_000

export interface NotableChange {
  readonly fromBps: number
  readonly toBps: number
  readonly cause: AdaptationCause
}

/** What the path can carry, turned into what pictures may take of it, with hysteresis. */
export class VideoRate {
  readonly #controller: BitrateController
  #bitrateBps: number
  #changedUs = Number.NEGATIVE_INFINITY
  /** Why it went down last. */
  #downCause: AdaptationCause = 'delay'
  #payloadShare = usualPayloadShare
  /** Of what the path has for pictures, they take this (0 to 1). */
  pictureShare = 1
  #notedBps: number
  #notedUs = Number.NEGATIVE_INFINITY

  /** `expectedAudioBps`: what sound will take, before any was sent. */
  constructor(controller: BitrateController, expectedAudioBps: number) {
    this.#controller = controller
    this.#bitrateBps = this.#share(expectedAudioBps)
    this.#notedBps = this.#bitrateBps
  }

  /** For pictures, in bits a second. */
  get bitrateBps(): number {
    return this.#bitrateBps
  }

  /**
   * Looks at the path; the new bitrate when it changed. `otherBps` is what sound and resends take now, `payloadShare` what pictures are of
   * their packets where that is known.
   */
  update(otherBps: number, nowUs: number, payloadShare?: number): number | undefined {
    const wanted = this.#share(otherBps, payloadShare)
    const change = wanted / this.#bitrateBps - 1
    const up = change > upStep && nowUs - this.#changedUs >= upPeriodUs
    if (change > -downStep && !up) return undefined
    const { lastCause } = this.#controller
    // More parity takes the place of pictures, and losses are the reason for it.
    if (change < 0 && payloadShare !== undefined && payloadShare < this.#payloadShare) this.#downCause = 'loss'
    else if (change < 0 && lastCause !== 'probe') this.#downCause = lastCause
    this.#payloadShare = payloadShare ?? usualPayloadShare
    this.#bitrateBps = wanted
    this.#changedUs = nowUs
    return wanted
  }

  /** The change since the last one that was notable, when there is one again. */
  takeNotable(nowUs: number): NotableChange | undefined {
    const fromBps = this.#notedBps
    const toBps = this.#bitrateBps
    if (Math.abs(toBps / fromBps - 1) < notableStep || nowUs - this.#notedUs < notablePeriodUs) return undefined
    this.#notedBps = toBps
    this.#notedUs = nowUs
    return { fromBps, toBps, cause: toBps < fromBps ? this.#downCause : 'probe' }
  }

  #share(otherBps: number, payloadShare = usualPayloadShare): number {
    return Math.max(
      leastVideoBps,
      Math.round((this.#controller.targetBps - otherBps) * payloadShare * this.pictureShare),
    )
  }
}
