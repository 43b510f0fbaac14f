import { opusFrameSamples } from '../../../contract/access-unit.ts'
import { bytesPerSample, frameBytesOf, positionAt, samplesToUs } from './pcm.ts'

/** Sound that is older than this is dropped, so that a pause anywhere never becomes a lasting delay. */
const oldestUs = 40_000

/** Our clock and the sound card's may differ by this share, as time goes by. */
const drift = 1e-4

/** A frame of sound, the channels' samples in turn; `pcm` is valid only during the call that hands it over. */
export interface PcmFrame {
  readonly pcm: Uint8Array
  readonly captureUs: number
  readonly positionSamples: number
}

/**
 * Cuts recorded sound into frames and tells when each was captured. A sample's time is known from the chunk that came
 * with the least delay so far; what comes much later than that has waited somewhere and is dropped from its old end.
 */
export class PcmInlet {
  readonly #onFrame: (frame: PcmFrame) => void
  /** Of one sample of all channels. */
  readonly #sampleBytes: number
  readonly #frameBytes: number
  /** No frame's position is before this. */
  #position: number
  /** Samples received since the start. */
  #received = 0
  /** When the first sample was captured, by the best chunk so far. */
  #originUs: number | undefined
  #originPosition = 0
  #lastUs = 0
  #pending: Buffer = Buffer.alloc(0)
  #lateSinceUs: number | undefined
  #droppedSamples = 0

  /** `position`: where the positions may go on, after an earlier inlet. */
  constructor(options: { position: number; channels: number; onFrame: (frame: PcmFrame) => void }) {
    this.#position = options.position
    this.#sampleBytes = options.channels * bytesPerSample
    this.#frameBytes = frameBytesOf(options.channels)
    this.#onFrame = options.onFrame
  }

  /** The position after the last frame. */
  get position(): number {
    return this.#position
  }

  get droppedSamples(): number {
    return this.#droppedSamples
  }

  /** How long everything has come too late; 0 while it comes in time. */
  lateForUs(nowUs: number): number {
    return this.#lateSinceUs === undefined ? 0 : nowUs - this.#lateSinceUs
  }

  push(chunk: Buffer, nowUs: number): void {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk
    this.#received += chunk.length / this.#sampleBytes
    const originUs = this.#followOrigin(nowUs)
    const lateUs = nowUs - samplesToUs(this.#received) - originUs
    this.#lateSinceUs = lateUs > oldestUs ? (this.#lateSinceUs ?? nowUs) : undefined
    while (this.#pending.length >= this.#frameBytes) {
      const first = this.#received - this.#pending.length / this.#sampleBytes
      const captureUs = originUs + samplesToUs(first)
      const ageUs = lateUs + samplesToUs(this.#received - first)
      if (ageUs > oldestUs + samplesToUs(opusFrameSamples)) this.#droppedSamples += opusFrameSamples
      else this.#emit(this.#pending.subarray(0, this.#frameBytes), captureUs, this.#originPosition + first)
      this.#pending = this.#pending.subarray(this.#frameBytes)
    }
  }

  #followOrigin(nowUs: number): number {
    const seenUs = nowUs - samplesToUs(this.#received)
    if (this.#originUs === undefined) {
      this.#originUs = seenUs
      this.#originPosition = Math.max(this.#position, positionAt(seenUs))
    } else {
      this.#originUs = Math.min(seenUs, this.#originUs + (nowUs - this.#lastUs) * drift)
    }
    this.#lastUs = nowUs
    return this.#originUs
  }

  #emit(pcm: Uint8Array, captureUs: number, positionSamples: number): void {
    this.#position = positionSamples + opusFrameSamples
    this.#onFrame({ pcm, captureUs, positionSamples })
  }
}
