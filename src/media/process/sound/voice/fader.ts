/** Lets a voice in, or shuts it out, over 10 ms, so that neither clicks. */
export class Fader {
  #gain = 0

  /** Nothing passes. */
  get shut(): boolean {
    return this.#gain === 0
  }

  /** Changes 10 ms of sound in place to what passes of it. */
  pass(samples: Float32Array, open: boolean): void {
    const before = this.#gain
    const after = open ? 1 : 0
    this.#gain = after
    if (before === 1 && after === 1) return
    const step = (after - before) / samples.length
    for (let index = 0; index < samples.length; index++) {
      samples[index] = (samples[index] as number) * (before + step * (index + 1))
    }
  }
}
