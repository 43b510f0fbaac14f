import { opusFrameSamples, type AudioUnit } from '../../media/contract/access-unit.ts'

const samplesPerUs = 0.048
/** Capture times of one producer wander against its sample count; another producer's count is somewhere else. */
const sameStreamSamples = 4800
/** How fast the line through the capture times follows them. */
const smoothing = 1 / 32

/** The place of one packet in a viewer's sound. */
export interface AudioStamp {
  readonly timestamp: number
  /** It does not follow the packet before it without a gap. */
  readonly begins: boolean
}

/**
 * RTP timestamps of a viewer's sound at 48 kHz (RFC 7587): they count a producer's samples and, across a switch of
 * producer, the time that passed, so that gaps stay as long as they were.
 */
export class AudioTimeline {
  readonly #origin: number
  #last: { readonly unit: AudioUnit; readonly samples: number } | undefined
  /** Capture time of sample 0, smoothed. */
  #zeroUs = 0

  /** `origin` is random, 32 bits (RFC 3550, section 5.1). */
  constructor(origin: number) {
    this.#origin = origin
  }

  next(unit: AudioUnit): AudioStamp {
    const step = this.#stepTo(unit)
    const samples = (this.#last?.samples ?? 0) + step
    const begins = step !== opusFrameSamples
    const zeroUs = unit.captureUs - samples / samplesPerUs
    this.#zeroUs = begins ? zeroUs : this.#zeroUs + (zeroUs - this.#zeroUs) * smoothing
    this.#last = { unit, samples }
    return { timestamp: (this.#origin + samples) >>> 0, begins }
  }

  /** The timestamp that sound captured at this moment has, for sender reports; undefined before there was any. */
  at(nowUs: number): number | undefined {
    if (!this.#last) return undefined
    return (this.#origin + Math.round((nowUs - this.#zeroUs) * samplesPerUs)) >>> 0
  }

  #stepTo(unit: AudioUnit): number {
    if (!this.#last) return 0
    const counted = unit.positionSamples - this.#last.unit.positionSamples
    const passed = (unit.captureUs - this.#last.unit.captureUs) * samplesPerUs
    if (counted > 0 && Math.abs(counted - passed) <= sameStreamSamples) return counted
    return Math.max(1, Math.round(passed / opusFrameSamples)) * opusFrameSamples
  }
}
