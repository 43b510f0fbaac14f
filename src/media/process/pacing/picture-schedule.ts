import { FramePacer } from './frame-pacer.ts'

/** What to do next, and from when on, in microseconds of the monotonic clock. */
export interface Step {
  /** Take a new picture, or encode the last one again. */
  readonly action: 'capture' | 'repeat'
  readonly atUs: number
}

/** Drawing is rarely one request: what follows within this time belongs to the same picture. */
const settleUs = 2_000

/**
 * After motion or a key picture, which coders are sparing with, the last picture is encoded again until it looks good: not before
 * the next one would have come of anything that moves, and then as soon as there is room for more.
 */
const refineAfterUs = 66_667
const refinePeriodUs = 25_000
const maxRefinements = 150

/** A screen at rest is taken anew this often, for what no damage was reported for, and to keep the stream alive. */
const refreshPeriodUs = 1_000_000

/** Decides when a watched source is captured: as fast as it changes, a little while longer, then hardly at all. */
export class PictureSchedule {
  readonly #pacer: FramePacer
  #lastUs = -Infinity
  #refineAtUs = -Infinity
  #refinementsLeft = 0

  constructor(fps: number) {
    this.#pacer = new FramePacer(fps)
  }

  set fps(fps: number) {
    this.#pacer.fps = fps
  }

  /** The next step for a source that has changed since `changedSinceUs`, or has not. */
  next(changedSinceUs: number | undefined): Step {
    if (changedSinceUs !== undefined) {
      return { action: 'capture', atUs: Math.max(this.#pacer.dueUs, changedSinceUs + settleUs) }
    }
    if (this.#refinementsLeft > 0) return { action: 'repeat', atUs: this.#refineAtUs }
    return { action: 'capture', atUs: this.#lastUs + refreshPeriodUs }
  }

  /** A picture was taken; `coarse` when it is sure to be coded coarsely, because it is new or a key picture. */
  captured(nowUs: number, coarse: boolean): void {
    this.#pacer.take(nowUs)
    this.#lastUs = nowUs
    if (coarse) this.#refine(nowUs)
  }

  /** The last picture was coded again as a key picture. */
  keyed(nowUs: number): void {
    this.#lastUs = nowUs
    this.#refine(nowUs)
  }

  /** The last picture was to be given to the encoders again; `taken` when there was room for it. */
  repeated(nowUs: number, taken: boolean): void {
    this.#refineAtUs = nowUs + refinePeriodUs
    if (!taken) return
    this.#lastUs = nowUs
    this.#refinementsLeft = Math.max(0, this.#refinementsLeft - 1)
  }

  /** The last picture looks good in all encodings. */
  refined(): void {
    this.#refinementsLeft = 0
  }

  #refine(nowUs: number): void {
    this.#refineAtUs = nowUs + refineAfterUs
    this.#refinementsLeft = maxRefinements
  }
}
