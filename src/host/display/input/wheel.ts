import type { Clock } from '../../../kernel/clock.ts'

/** Notches that one axis can turn in one period; what is more comes from a broken or hostile sender. */
const notchesAtMost = 32
const periodMs = 50

/** One axis of a player's wheel: adds up the parts of notches that a smooth wheel sends, until they make whole ones. */
export class Wheel {
  readonly #clock: Clock
  #rest = 0
  #periodBeganMs = -Infinity
  #turned = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The whole notches that are full now, with the sign of the direction. A turn back begins anew. */
  turn(notches: number): number {
    if (!Number.isFinite(notches) || notches === 0) return 0
    if (Math.sign(notches) !== Math.sign(this.#rest)) this.#rest = 0
    const sum = this.#rest + notches
    const whole = Math.trunc(sum)
    this.#rest = sum - whole
    return whole === 0 ? 0 : this.#allowed(whole)
  }

  #allowed(notches: number): number {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#periodBeganMs >= periodMs) {
      this.#periodBeganMs = nowMs
      this.#turned = 0
    }
    const allowed = Math.min(Math.abs(notches), notchesAtMost - this.#turned)
    this.#turned += allowed
    return notches < 0 ? 0 - allowed : allowed
  }
}
