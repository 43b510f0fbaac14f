import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openChromium, type Chromium } from './chromium.ts'

const sampleRate = 48_000
const level = 0.5
/** A tone that never rests is noise to a browser, and is suppressed: this one comes and goes as syllables do. */
const usual: Syllable = { onMs: 300, offMs: 100 }
const fadeMs = 10

/** How long a sound is, and the silence after it; whole times of both fit into two seconds. */
export interface Syllable {
  readonly onMs: number
  readonly offMs: number
}

/** A Chromium whose microphone hears a tone, and whose user lets every page have it. */
export interface SpeakingChromium extends AsyncDisposable {
  readonly chromium: Chromium
}

export async function openSpeakingChromium(frequencyHz: number, syllable = usual): Promise<SpeakingChromium> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-voice-'))
  const file = join(directory, 'voice.wav')
  await writeFile(file, wave(syllables(frequencyHz, syllable)))
  const chromium = await openChromium({
    switches: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${file}`,
    ],
  })
  return {
    chromium,
    async [Symbol.asyncDispose]() {
      await chromium[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Two seconds of it, which the browser plays over and over. */
function syllables(frequencyHz: number, { onMs, offMs }: Syllable): Float32Array {
  const periodMs = onMs + offMs
  return Float32Array.from({ length: 2 * sampleRate }, (_, index) => {
    const atMs = ((index * 1000) / sampleRate) % periodMs
    const envelope = Math.max(0, Math.min(1, atMs / fadeMs, (onMs - atMs) / fadeMs))
    return level * envelope * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRate)
  })
}

/** A WAVE file of 16 bit mono. */
function wave(samples: Float32Array): Buffer {
  const file = Buffer.alloc(44 + 2 * samples.length)
  file.write('RIFF', 0)
  file.writeUInt32LE(36 + 2 * samples.length, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(sampleRate, 24)
  file.writeUInt32LE(2 * sampleRate, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(2 * samples.length, 40)
  for (const [index, sample] of samples.entries()) file.writeInt16LE(Math.round(sample * 32_767), 44 + 2 * index)
  return file
}
