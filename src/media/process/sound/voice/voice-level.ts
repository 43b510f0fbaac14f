import { powerOf } from './power.ts'

/** Louder than this somebody says something: -48 dB. What a room hums is quieter, with noise suppression. */
const threshold = 10 ** (-48 / 20)
/** So much longer somebody is said to speak: a pause between two words is no pause. In pieces of 10 ms. */
const lingering = 40
/** A click is no word. */
const least = 3

/** Tells whether somebody speaks, by how loud each 10 ms are. */
export class VoiceLevel {
  #loud = 0
  #since = Infinity

  get speaks(): boolean {
    return this.#since <= lingering
  }

  add(samples: Float32Array): void {
    const isLoud = powerOf(samples) > threshold * threshold
    this.#loud = isLoud ? this.#loud + 1 : 0
    this.#since = this.#loud >= least ? 0 : this.#since + 1
  }
}
