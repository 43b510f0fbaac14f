import { layoutFacts, type SoundLayout } from '../../../../domain/sound-layout.ts'
import { opusFrameSamples } from '../../../contract/access-unit.ts'
import { bytesPerSample, frameBytesOf, sampleRate } from './pcm.ts'

const full = 32_767
const hum = { hertz: 220, level: 0.012 } as const
const beep = { hertz: 880, level: 0.09, seconds: 0.07 } as const
/** What a speaker of low frequencies can play. */
const lowBeepHertz = 60

/** Over this time the beep comes and goes, so that it does not click. */
const fadeSeconds = 0.008

/**
 * A quiet tone from the front with a beep at each second; the frame that begins at `seconds` of wall time. In stereo it is the same from both
 * sides; in surround each second's beep comes from the next speaker.
 */
export function toneFrame(seconds: number, layout: SoundLayout = 'stereo'): Uint8Array {
  const { speakers } = layoutFacts[layout]
  const frame = Buffer.alloc(frameBytesOf(speakers.length))
  for (let index = 0; index < opusFrameSamples; index++) {
    const at = seconds + index / sampleRate
    const [time, turn] = [at % 1, Math.floor(at) % speakers.length]
    for (const [channel, speaker] of speakers.entries()) {
      const hums = channel < 2 ? hum.level * wave(hum.hertz, time) : 0
      const hertz = speaker === 'lfe' ? lowBeepHertz : beep.hertz
      const beeps = layout === 'stereo' || channel === turn ? beep.level * wave(hertz, time) * beepEnvelope(time) : 0
      frame.writeInt16LE(Math.round(full * (hums + beeps)), (index * speakers.length + channel) * bytesPerSample)
    }
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
