import type { Clock, Timer } from '../../../kernel/clock.ts'

/** A change that comes no later than this after the one before belongs to the same motion, in milliseconds. */
const gapMs = 250
/** A key that is typed changes the screen once or twice; what goes on for so long is motion. */
const leastMotionMs = 300

/** Tells motion on the screen from single changes, and rest from pauses within a motion. */
export class MotionWatch {
  readonly #clock: Clock
  readonly #onTurn: (moves: boolean) => void
  #moves = true
  #sinceMs = -Infinity
  #latestMs = -Infinity
  #timer: Timer | undefined

  /** `onTurn` is told when motion begins and when it ends. A source is in motion until it is seen to rest. */
  constructor(clock: Clock, onTurn: (moves: boolean) => void) {
    this.#clock = clock
    this.#onTurn = onTurn
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
      const leftMs = this.#latestMs + gapMs - this.#clock.nowMs()
      this.#timer = leftMs > 0 ? this.#waitForRest(leftMs) : undefined
      if (leftMs <= 0) this.#turn(false)
    })
  }

  #turn(moves: boolean): void {
    if (moves === this.#moves) return
    this.#moves = moves
    this.#onTurn(moves)
  }
}
