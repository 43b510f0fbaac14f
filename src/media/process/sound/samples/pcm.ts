import { opusFrameSamples } from '../../../contract/access-unit.ts'

/** Samples a second, of each channel. */
export const sampleRate = 48_000

/** One sample of both channels, 16 bits each. */
export const bytesPerSample = 4

export const frameBytes = opusFrameSamples * bytesPerSample

export function samplesToUs(samples: number): number {
  return (samples * 1_000_000) / sampleRate
}

/** Where the shared time line of all producers' sound stands at a moment of the monotonic clock. */
export function positionAt(timeUs: number): number {
  return Math.round((timeUs * sampleRate) / 1_000_000)
}
