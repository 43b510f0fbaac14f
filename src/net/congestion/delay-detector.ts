import { ArrivalGroups } from './arrival-groups.ts'
import { OveruseDetector } from './overuse-detector.ts'
import { PathDelay } from './path-delay.ts'
import { Trendline } from './trendline.ts'

/** A standing queue longer than this is too long, even when it does not grow any more. */
const maxStandingMs = 100
/** One that has come up suddenly must be longer, so that a hiccup of the radio does not pass for it. */
const maxSuddenMs = 120
/** The path is free when the queue is shorter than this. */
const freeBelowMs = 50
/** Nothing is left that could run empty below this, whatever the slope remembers. */
const emptyBelowMs = 10
/** So many decreases do not shorten a queue that is somebody else's, or that is the length of a new path. */
const maxVainDecreases = 2

/** What the delay says: more is sent than the path carries; its queue runs empty; there is room. */
export type DelayVerdict = 'full' | 'draining' | 'free'

/**
 * The delay-based part of the control (draft-ietf-rmcat-gcc-02, section 5, trendline variant), with the standing queue as
 * a second witness: a queue that is full to the brim does not grow, so its slope says nothing.
 */
export class DelayDetector {
  readonly #groups = new ArrivalGroups()
  readonly #trendline = new Trendline()
  readonly #overuse = new OveruseDetector()
  readonly #path = new PathDelay()
  /** The queue at the last decrease, Infinity once it was short after that. */
  #loweredAtMs = Infinity
  #vainDecreases = 0

  get verdict(): DelayVerdict {
    const { standingMs, latestMs } = this.#path
    if (this.#overuse.usage === 'overuse' || standingMs > maxStandingMs || latestMs > maxSuddenMs) return 'full'
    const isDraining = this.#overuse.usage === 'underuse' && standingMs > emptyBelowMs
    return isDraining || standingMs > freeBelowMs ? 'draining' : 'free'
  }

  /** How long packets of late have waited at least. */
  get standingMs(): number {
    return this.#path.standingMs
  }

  /** How long the very last ones have. */
  get latestMs(): number {
    return this.#path.latestMs
  }

  /** Arrival minus sending on the empty path; Infinity before the first packet. */
  get shortestUs(): number {
    return this.#path.shortestUs
  }

  /** A packet arrived. */
  add(sentUs: number, arrivalUs: number): void {
    this.#path.add(sentUs, arrivalUs)
    if (!this.#groups.add(sentUs, arrivalUs)) return
    if (this.#path.standingMs < freeBelowMs) this.#loweredAtMs = Infinity
    const deltaMs = (this.#groups.arrivalDeltaUs - this.#groups.sentDeltaUs) / 1000
    const completedMs = this.#groups.completedUs / 1000
    this.#trendline.add(deltaMs, completedMs)
    this.#overuse.update(this.#trendline.trendMs, this.#groups.sentDeltaUs / 1000, completedMs)
  }

  /**
   * Less is sent from now on, because the path was full: `queueMs` wait in it. True when that does not help, now and the
   * last times: then it was not full but has become longer, and its present delay is taken for its shortest.
   */
  onLowered(queueMs: number): boolean {
    const isVain = this.#overuse.usage !== 'overuse' && queueMs > 0.9 * this.#loweredAtMs
    this.#vainDecreases = isVain ? this.#vainDecreases + 1 : 0
    this.#loweredAtMs = queueMs
    if (this.#vainDecreases < maxVainDecreases) return false
    this.#path.rebase()
    this.#vainDecreases = 0
    return true
  }

  /** Forgets what was of late: what comes next has nothing to do with it. The shortest delay stays. */
  restart(): void {
    this.#groups.reset()
    this.#trendline.reset()
    this.#overuse.reset()
    this.#path.forgetRecent()
  }
}
