import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { monotonicUs } from '../contract/monotonic.ts'
import type { Rendition } from './encode/rendition.ts'
import { PictureSchedule, type Step } from './pacing/picture-schedule.ts'
import type { PictureSource } from './picture/picture-source.ts'
import type { Picture } from './picture/picture.ts'
import type { StallDetector } from './pacing/stall-detector.ts'

export interface PictureLoopOptions {
  readonly source: PictureSource
  /** Who wants pictures now; the loop is told of changes by `poke`. */
  readonly renditions: ReadonlySet<Rendition>
  readonly clock: Clock
  readonly stalls: StallDetector
  /** True while nothing can be sent; `poke` tells when that ends. */
  readonly blocked: () => boolean
  /** The source has failed; `reason` is a sentence for people. */
  readonly onFailure: (reason: string) => void
  /** A picture was taken for those who watch; whether because something had changed. */
  readonly onTaken: (isChange: boolean) => void
}

/** A step that is due within this time is taken now: timers are no finer. */
const toleranceUs = 500

/** What no damage is reported for shows in a still after this time at the latest. */
const stillFreshUs = 30_000_000

/** When every buffer is in use, one is free again after about this many milliseconds. */
const starvedMs = 5

/**
 * Takes pictures of a source when they are wanted and gives them to the renditions. The next picture is taken while the
 * encoders still work on the one before. Nothing happens while there is no rendition.
 */
export class PictureLoop {
  readonly #source: PictureSource
  readonly #renditions: ReadonlySet<Rendition>
  readonly #clock: Clock
  readonly #stalls: StallDetector
  readonly #blocked: () => boolean
  readonly #onFailure: (reason: string) => void
  readonly #onTaken: (isChange: boolean) => void
  readonly #schedule: PictureSchedule
  #last: Picture | undefined
  /** Since when a change waits that was noticed, but for which there was no room. */
  #missedSinceUs: number | undefined
  #timer: Timer | undefined
  #capturing: Promise<void> | undefined
  /** When the newest picture of all was taken. */
  #newestUs: number | undefined
  #closed = false

  constructor(options: PictureLoopOptions) {
    this.#source = options.source
    this.#renditions = options.renditions
    this.#clock = options.clock
    this.#stalls = options.stalls
    this.#blocked = options.blocked
    this.#onFailure = options.onFailure
    this.#onTaken = options.onTaken
    this.#schedule = new PictureSchedule(options.source.fps)
  }

  /** Something is different: a change on the screen, a wish, a rendition, room to send. Cheap. */
  poke(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#closed || this.#capturing) return
    if (this.#renditions.size === 0) {
      this.#forgetLast()
      return
    }
    if (this.#blocked() || this.#everyoneIsFull()) return
    const step = this.#nextStep()
    const waitUs = step.atUs - monotonicUs()
    if (waitUs > toleranceUs) this.#timer = this.#clock.after(waitUs / 1000, () => this.poke())
    else if (step.action === 'capture') this.#capturing = this.#capture()
    else this.#repeat()
  }

  /**
   * The newest picture, which the caller lets go; when nobody watches, one is taken for it. `same` when it would show what
   * the picture taken at `knownUs` shows, undefined when there is none to be had.
   */
  async glimpse(knownUs: number | undefined): Promise<Picture | 'same' | undefined> {
    while (this.#capturing) await this.#capturing
    if (this.#closed || this.#blocked()) return undefined
    if (this.#last) return this.#newestUs === knownUs ? 'same' : this.#last.hold()
    const isKnown = knownUs !== undefined && knownUs === this.#newestUs && this.#source.changedSinceUs === undefined
    if (isKnown && monotonicUs() - knownUs < stillFreshUs) return 'same'
    let taken: Picture | undefined
    this.#capturing = this.#take((picture) => {
      taken = picture
    })
    await this.#capturing
    return taken
  }

  /** Waits for the capture in work. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#capturing
    this.#forgetLast()
  }

  get #changedSinceUs(): number | undefined {
    return this.#missedSinceUs ?? this.#source.changedSinceUs
  }

  /** A key picture is wanted at once: of the screen as it is known, unless a new picture is due anyway. */
  #nextStep(): Step {
    this.#schedule.fps = this.#fps()
    const changedSinceUs = this.#changedSinceUs
    if (changedSinceUs === undefined && this.#keyWanted) {
      return { action: this.#last ? 'repeat' : 'capture', atUs: 0 }
    }
    const step = this.#schedule.next(changedSinceUs)
    return step.action === 'repeat' && !this.#last ? { ...step, action: 'capture' } : step
  }

  #capture(): Promise<void> {
    const changedSinceUs = this.#changedSinceUs
    const coarse = changedSinceUs !== undefined || this.#keyWanted
    return this.#take((picture) => {
      this.#missedSinceUs = picture ? undefined : changedSinceUs
      this.#onTaken(changedSinceUs !== undefined)
      if (picture) this.#hand(picture, coarse)
      else this.#timer = this.#clock.after(starvedMs, () => this.poke())
    })
  }

  async #take(onTaken: (picture: Picture | undefined) => void): Promise<void> {
    try {
      const picture = await this.#stalls.guard(this.#source.capture())
      this.#newestUs = picture?.captureUs ?? this.#newestUs
      onTaken(picture)
    } catch (error) {
      this.#closed = true
      this.#onFailure(`The picture cannot be captured: ${messageOf(error)}`)
    }
    this.#capturing = undefined
    if (!this.#timer) this.poke()
  }

  #hand(picture: Picture, coarse: boolean): void {
    this.#schedule.captured(picture.captureUs, coarse)
    this.#forgetLast()
    this.#last = picture
    for (const rendition of this.#renditions) rendition.push(picture)
  }

  /** Encodes the last picture again, to make it better or for those who need a key picture. */
  #repeat(): void {
    const last = this.#last
    if (!last) return
    const nowUs = monotonicUs()
    // Nothing has changed since: it shows the screen of now.
    const picture = last.at(nowUs)
    const waiting = [...this.#renditions].filter(({ keyWanted }) => keyWanted)
    if (waiting.length > 0) {
      this.#schedule.keyed(nowUs)
      for (const rendition of waiting) rendition.push(picture)
    } else if (this.#renditions.values().every(({ good }) => good)) {
      this.#schedule.refined()
    } else {
      const refinable = [...this.#renditions].filter((rendition) => rendition.refinable)
      this.#schedule.repeated(nowUs, refinable.length > 0)
      for (const rendition of refinable) rendition.push(picture, true)
    }
    this.poke()
  }

  get #keyWanted(): boolean {
    return this.#renditions.values().some(({ keyWanted }) => keyWanted)
  }

  #fps(): number {
    return Math.min(this.#source.fps, Math.max(...this.#renditions.values().map(({ fps }) => fps)))
  }

  #everyoneIsFull(): boolean {
    return this.#renditions.values().every(({ full }) => full)
  }

  #forgetLast(): void {
    this.#last?.letGo()
    this.#last = undefined
  }
}
