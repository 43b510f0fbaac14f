import type { Clock, Timer } from '../kernel/clock.ts'

/** Why a key picture is wanted: a viewer waits for its first picture, or one has lost some. */
export type KeyframeCause = 'join' | 'loss'

/** Least time between two key pictures asked for, in milliseconds. Nobody should wait long for the first picture. */
const leastGapMs: Readonly<Record<KeyframeCause, number>> = { join: 100, loss: 400 }

/** A key picture that was asked for and has not come by now never will. */
const patienceMs = 1_000

/**
 * Turns many viewers' wishes for a key picture into few: one on its way serves all, and they keep their distance,
 * because each costs every viewer many times the bits of another picture.
 */
export class KeyframeRequests {
  readonly #clock: Clock
  readonly #send: () => void
  #lastMs = -Infinity
  #askedAtMs: number | undefined
  #timer: Timer | undefined
  #dueMs = Infinity

  /** `send` asks the encoder for one. */
  constructor(clock: Clock, send: () => void) {
    this.#clock = clock
    this.#send = send
  }

  request(cause: KeyframeCause): void {
    const nowMs = this.#clock.nowMs()
    if (this.#askedAtMs !== undefined && nowMs - this.#askedAtMs < patienceMs) return
    const dueMs = this.#lastMs + leastGapMs[cause]
    if (dueMs <= nowMs) this.#ask()
    else if (dueMs < this.#dueMs) this.#wait(dueMs, nowMs)
  }

  /** A key picture has come: everybody who waited has got it. */
  came(): void {
    this.#cancel()
    this.#askedAtMs = undefined
    this.#lastMs = this.#clock.nowMs()
  }

  close(): void {
    this.#cancel()
  }

  #ask(): void {
    this.#cancel()
    this.#askedAtMs = this.#clock.nowMs()
    this.#send()
  }

  #wait(dueMs: number, nowMs: number): void {
    this.#cancel()
    this.#dueMs = dueMs
    this.#timer = this.#clock.after(dueMs - nowMs, () => this.#ask())
  }

  #cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#dueMs = Infinity
  }
}
