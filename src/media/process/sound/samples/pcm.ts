import { opusFrameSamples } from '../../../contract/access-unit.ts'

/** Samples a second, of each channel. */
export const sampleRate = 48_000

/** Of one sample of one channel: 16 bits, little endian, as on every machine that this runs on. */
export const bytesPerSample = 2

/** Bytes of 10 ms of sound with so many channels. */
export function frameBytesOf(channels: number): number {
  return opusFrameSamples * channels * bytesPerSample
}

export function samplesToUs(samples: number): number {
  return (samples * 1_000_000) / sampleRate
}

/** Where the shared time line of all producers' sound stands at a moment of the monotonic clock. */
export function positionAt(timeUs: number): number {
  return Math.round((timeUs * sampleRate) / 1_000_000)
}
