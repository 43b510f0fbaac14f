import { FramePacer } from './frame-pacer.ts'

/** What to do next, and from when on, in microseconds of the monotonic clock. */
export interface Step {
  /** Take a new picture, or encode the last one again. */
  readonly action: 'capture' | 'repeat'
  readonly atUs: number
}

/** Drawing is rarely one request: what follows within this time belongs to the same picture. */
const settleUs = 2_000

/** After motion or a key picture, which coders are sparing with, the last picture is encoded again until it looks good. */
const refinePeriodUs = 66_667
const maxRefinements = 150

/** Good enough after this many refinements that the encoders call good. */
const goodRefinements = 2

/** A screen at rest is taken anew this often, for what no damage was reported for, and to keep the stream alive. */
const refreshPeriodUs = 1_000_000

/** Decides when a watched source is captured: as fast as it changes, a little while longer, then hardly at all. */
export class PictureSchedule {
  readonly #pacer: FramePacer
  #lastUs = -Infinity
  #refinementsLeft = 0
  #good = 0

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
    if (this.#refinementsLeft > 0) return { action: 'repeat', atUs: this.#lastUs + refinePeriodUs }
    return { action: 'capture', atUs: this.#lastUs + refreshPeriodUs }
  }

  /** A picture was taken; `coarse` when it is sure to be coded coarsely, because it is new or a key picture. */
  captured(nowUs: number, coarse: boolean): void {
    this.#pacer.take(nowUs)
    this.#lastUs = nowUs
    if (coarse) this.#refine()
  }

  /** The last picture was coded again as a key picture. */
  keyed(nowUs: number): void {
    this.#lastUs = nowUs
    this.#refine()
  }

  /** The last picture was given to the encoders again; `good` when they had coded it well before. */
  repeated(nowUs: number, good: boolean): void {
    this.#lastUs = nowUs
    this.#good = good ? this.#good + 1 : 0
    this.#refinementsLeft = this.#good >= goodRefinements ? 0 : Math.max(0, this.#refinementsLeft - 1)
  }

  #refine(): void {
    this.#refinementsLeft = maxRefinements
    this.#good = 0
  }
}
