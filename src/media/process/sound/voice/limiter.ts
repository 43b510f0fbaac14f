/** How fast what was turned down comes up again, for each piece of 10 ms. */
const recovery = 0.02
/** The share of a piece over which it is turned down. */
const attack = 1 / 8

/**
 * Turns sums that are too loud down, so that they do not crack: at once, and up again over half a second. What is not too loud
 * passes as it is.
 */
export class Limiter {
  #gain = 1

  /** Changes 10 ms of sound, of however many channels, in place; afterwards it is from -1 to 1. */
  limit(samples: Float32Array): void {
    let peak = 0
    for (let index = 0; index < samples.length; index++) peak = Math.max(peak, Math.abs(samples[index] as number))
    const before = this.#gain
    const after = Math.min(peak > 1 ? 1 / peak : 1, before + recovery)
    if (before === 1 && after === 1) return
    this.#gain = after
    const changing = Math.ceil(samples.length * (after < before ? attack : 1))
    for (let index = 0; index < samples.length; index++) {
      const gain = index < changing ? before + ((after - before) * (index + 1)) / changing : after
      const turned = (samples[index] as number) * gain
      // On the way down the beginning may still be too loud.
      samples[index] = turned > 1 ? 1 : turned < -1 ? -1 : turned
    }
  }
}
