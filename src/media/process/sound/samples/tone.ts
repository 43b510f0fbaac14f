import { opusFrameSamples } from '../../../contract/access-unit.ts'
import { bytesPerSample, frameBytes, sampleRate } from './pcm.ts'

const full = 32_767
const hum = { hertz: 220, level: 0.012 } as const
const beep = { hertz: 880, level: 0.09, seconds: 0.07 } as const

/** Over this time the beep comes and goes, so that it does not click. */
const fadeSeconds = 0.008

/** A quiet tone with a beep at each second; the frame that begins `seconds` after a full second of wall time. */
export function toneFrame(seconds: number): Uint8Array {
  const frame = Buffer.alloc(frameBytes)
  for (let index = 0; index < opusFrameSamples; index++) {
    const time = (seconds + index / sampleRate) % 1
    const value = hum.level * wave(hum.hertz, time) + beep.level * wave(beep.hertz, time) * beepEnvelope(time)
    const sample = Math.round(full * value)
    frame.writeInt16LE(sample, index * bytesPerSample)
    frame.writeInt16LE(sample, index * bytesPerSample + 2)
  }
  return frame
}

/** Whole numbers of periods fit into a second, so the tone has no seam there. */
function wave(hertz: number, time: number): number {
  return Math.sin(2 * Math.PI * hertz * time)
}

function beepEnvelope(time: number): number {
  return Math.max(0, Math.min(1, time / fadeSeconds, (beep.seconds - time) / fadeSeconds))
}
