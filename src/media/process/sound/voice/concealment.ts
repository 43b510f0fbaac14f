import { sampleRate } from '../samples/pcm.ts'

const samplesOf = (milliseconds: number) => (milliseconds * sampleRate) / 1000

/** What a lost piece is made up from. */
const historySamples = samplesOf(40)
/** Periods of voices: 70 to 500 Hz. */
const shortestPeriod = samplesOf(2)
const longestPeriod = samplesOf(14)
/** How much is compared to find the period. */
const comparedSamples = samplesOf(10)
/** Every so many samples are looked at first. */
const coarseStep = 4
/** What is made up is as loud as what was lost for so long, and then fades. */
const steadySamples = samplesOf(10)
const fadeSamples = samplesOf(50)
/** Over this much the real and the made-up change into each other. */
const blendSamples = samplesOf(5)

/**
 * Makes up for sound that is missing: the last period of the voice is repeated and fades away, which is not noticed up to some
 * 20 ms (ITU-T G.711, appendix I, has the idea). What comes after it is blended in, so that nothing clicks.
 */
export class Concealment {
  readonly #history = new Float32Array(historySamples)
  readonly #period = new Float32Array(longestPeriod)
  #periodSamples = 0
  /** By how much the end of the real sound misses the period's beginning, which is made up for over `#bentSamples`. */
  #step = 0
  #bentSamples = 1
  /** Samples made up since the last real one. */
  #madeUp = Infinity

  /** Nothing can be heard any more, nor could be made up. */
  get silent(): boolean {
    return this.#madeUp >= steadySamples + fadeSamples
  }

  /** Passes real samples, which are changed in place where they follow made-up ones. */
  pass(samples: Float32Array): void {
    if (this.#madeUp > 0) {
      const blended = Math.min(blendSamples, samples.length)
      for (let index = 0; index < blended; index++) {
        const share = (index + 1) / (blended + 1)
        samples[index] = (samples[index] as number) * share + this.#next() * (1 - share)
      }
    }
    this.#madeUp = 0
    this.#remember(samples)
  }

  /** Real samples are left out: those that come next are blended in. */
  lose(): void {
    if (this.#madeUp === 0) this.#next()
  }

  /** Fills `into` with what may have been there. */
  conceal(into: Float32Array): void {
    for (let index = 0; index < into.length; index++) into[index] = this.#next()
  }

  #remember(samples: Float32Array): void {
    const history = this.#history
    const kept = Math.max(0, historySamples - samples.length)
    history.copyWithin(0, historySamples - kept)
    history.set(samples.subarray(Math.max(0, samples.length - historySamples)), kept)
  }

  #next(): number {
    if (this.silent) return 0
    if (this.#madeUp === 0) this.#begin()
    const at = this.#madeUp++
    const gain = at < steadySamples ? 1 : 1 - (at - steadySamples) / fadeSamples
    const step = at < this.#bentSamples ? this.#step * (1 - at / this.#bentSamples) : 0
    return ((this.#period[at % this.#periodSamples] as number) + step) * gain
  }

  /** Takes the last period, and bends its ends together. */
  #begin(): void {
    const history = this.#history
    const length = periodOf(history)
    this.#periodSamples = length
    const end = history.length
    const bent = Math.floor(length / 4)
    for (let index = 0; index < length; index++) this.#period[index] = history[end - length + index] as number
    for (let index = 0; index < bent; index++) {
      const share = (index + 1) / bent
      const place = length - bent + index
      const before = history[end - length - bent + index] as number
      this.#period[place] = (this.#period[place] as number) * (1 - share) + before * share
    }
    this.#step = (history[end - 1] as number) - (history[end - length - 1] as number)
    this.#bentSamples = bent
  }
}

/** The distance at which the end of the history is most like what was before it. */
function periodOf(history: Float32Array): number {
  const coarse = mostAlike(history, { from: shortestPeriod, to: longestPeriod, step: coarseStep })
  const from = Math.max(shortestPeriod, coarse - coarseStep)
  return mostAlike(history, { from, to: Math.min(longestPeriod, coarse + coarseStep), step: 1 })
}

function mostAlike(history: Float32Array, range: { from: number; to: number; step: number }): number {
  const end = history.length
  let best = range.from
  let bestLikeness = -Infinity
  for (let lag = range.from; lag <= range.to; lag += range.step) {
    let product = 0
    let power = 1e-9
    for (let back = 1; back <= comparedSamples; back += range.step) {
      const sample = history[end - back - lag] as number
      product += (history[end - back] as number) * sample
      power += sample * sample
    }
    const likeness = product / Math.sqrt(power)
    if (likeness > bestLikeness) {
      best = lag
      bestLikeness = likeness
    }
  }
  return best
}
