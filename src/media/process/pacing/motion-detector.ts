import type { Clock, Timer } from '../../../kernel/clock.ts'

/** A change that comes no later than this after the one before belongs to the same motion, in milliseconds. */
const gapMs = 250
/** A key that is typed changes the screen once or twice; what goes on for so long is motion. */
const leastMotionMs = 300

export interface MotionEvents {
  /** Motion has begun or ended. A source is in motion until it is seen to rest. */
  onTurn(moves: boolean): void
  /** Something has changed, and there was no room to take it yet. */
  isChanged(): boolean
}

/** Tells motion on the screen from single changes, and rest from pauses within a motion. */
export class MotionDetector {
  readonly #clock: Clock
  readonly #events: MotionEvents
  #moves = true
  #sinceMs = -Infinity
  #latestMs = -Infinity
  #timer: Timer | undefined

  constructor(clock: Clock, events: MotionEvents) {
    this.#clock = clock
    this.#events = events
  }

  /** A picture was taken, because something had changed or for another reason. */
  taken(isChange: boolean): void {
    const nowMs = this.#clock.nowMs()
    if (isChange || this.#latestMs === -Infinity) {
      if (nowMs - this.#latestMs > gapMs) this.#sinceMs = nowMs
      this.#latestMs = nowMs
      if (nowMs - this.#sinceMs >= leastMotionMs) this.#turn(true)
    }
    if (this.#moves) this.#timer ??= this.#waitForRest(gapMs)
  }

  close(): void {
    this.#timer?.cancel()
  }

  #waitForRest(delayMs: number): Timer {
    return this.#clock.after(delayMs, () => {
      const leftMs = this.#events.isChanged() ? gapMs : this.#latestMs + gapMs - this.#clock.nowMs()
      this.#timer = leftMs > 0 ? this.#waitForRest(leftMs) : undefined
      if (leftMs <= 0) this.#turn(false)
    })
  }

  #turn(moves: boolean): void {
    if (moves === this.#moves) return
    this.#moves = moves
    this.#events.onTurn(moves)
  }
}
