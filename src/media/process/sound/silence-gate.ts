/** Frames of silence that are still sent: 500 ms. */
const tail = 50

/** Then one of so many is sent, so that the other end knows that we are there. */
const interval = 20

/** Decides which frames of sound are worth sending. */
export class SilenceGate {
  #silentFrames = 0

  /** `silent`: every sample is exactly zero. */
  admits(silent: boolean): boolean {
    this.#silentFrames = silent ? this.#silentFrames + 1 : 0
    return this.#silentFrames <= tail || (this.#silentFrames - tail) % interval === 0
  }
}
