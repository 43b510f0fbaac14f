import type { SoundLayout } from '../../domain/sound-layout.ts'
import { WireError } from '../wire-error.ts'

/** What a client tells with ANNOUNCE: what it wants. */
export interface StreamWish {
  readonly width: number
  readonly height: number
  readonly fps: number
  /** Datagrams of pictures have 16 bytes more, encrypted ones 48. A multiple of 16. */
  readonly packetBytes: number
  /** What the person chose, parity included. */
  readonly bitrateBps: number
  readonly leastParity: number
  readonly codec: 'h264' | 'hevc' | 'av1'
  readonly hdr: boolean
  readonly colorimetry: { readonly matrix: 'bt601' | 'bt709' | 'bt2020'; readonly fullRange: boolean }
  readonly soundLayout: SoundLayout
  readonly audioPacketMs: 5 | 10
  readonly highQualityAudio: boolean
  /** Bits as in `stream-offer.ts`. */
  readonly encryption: number
  /** Whether it tells apart sessions by connect data and ping payload; without them, two behind one address cannot be told apart. */
  readonly knowsSessions: boolean
}

const lineLimit = 200

/** Throws WireError `malformed` for a number that is none or makes no sense, `too-long` for more lines than a client ever sends. */
export function readStreamWish(body: string): StreamWish {
  const fields = readFields(body)
  const number = (name: string, fallback: number, min: number, max: number): number => {
    const text = fields.get(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (text === '' || !Number.isInteger(value) || value < min || value > max) {
      throw new WireError('malformed', `Cannot read ${name}: wanted a whole number from ${min} to ${max}`)
    }
    return value
  }
  const choice = <Choice>(name: string, choices: Readonly<Record<number, Choice>>, fallback: number): Choice => {
    const value = choices[number(name, fallback, 0, 1_000_000)]
    if (value === undefined) {
      throw new WireError('malformed', `Cannot read ${name}: wanted one of ${Object.keys(choices).join(', ')}`)
    }
    return value
  }
  const packetBytes = number('x-nv-video[0].packetSize', 1024, 256, 1392)
  if (packetBytes % 16 !== 0)
    throw new WireError('malformed', `Cannot send packets of ${packetBytes} bytes: wanted a multiple of 16`)
  const colorimetry = number('x-nv-video[0].encoderCscMode', 0, 0, 5)
  const features = number('x-nv-general.featureFlags', 0, 0, 0xffff)
  const kbps = number(
    'x-ml-video.configuredBitrateKbps',
    number('x-nv-vqos[0].bw.maximumBitrateKbps', 10_000, 1, 1e6),
    1,
    1e6,
  )
  return {
    width: number('x-nv-video[0].clientViewportWd', 1280, 2, 16_384),
    height: number('x-nv-video[0].clientViewportHt', 720, 2, 16_384),
    fps: number('x-nv-video[0].maxFPS', 60, 1, 1000),
    packetBytes,
    bitrateBps: kbps * 1000,
    leastParity: number('x-nv-vqos[0].fec.minRequiredFecPackets', 0, 0, 64),
    codec: choice('x-nv-vqos[0].bitStreamFormat', { 0: 'h264', 1: 'hevc', 2: 'av1' } as const, 0),
    hdr: number('x-nv-video[0].dynamicRangeMode', 0, 0, 10) !== 0,
    colorimetry: {
      matrix: (['bt601', 'bt709', 'bt2020'] as const)[colorimetry >> 1] ?? 'bt709',
      fullRange: (colorimetry & 1) !== 0,
    },
    soundLayout: choice('x-nv-audio.surround.numChannels', { 2: 'stereo', 6: '5.1', 8: '7.1' } as const, 2),
    audioPacketMs: choice('x-nv-aqos.packetDuration', { 5: 5, 10: 10 } as const, 5),
    highQualityAudio: number('x-nv-audio.surround.AudioQuality', 0, 0, 10) !== 0,
    encryption: number('x-ss-general.encryptionEnabled', 0, 0, 7) | ((features & 0x20) !== 0 ? 4 : 0),
    knowsSessions: (number('x-ml-general.featureFlags', 0, 0, 0xffff) & 2) !== 0,
  }
}

/** Lines `a=name:value`, of which each client ends the value with a space. The first of a name counts. */
function readFields(body: string): ReadonlyMap<string, string> {
  const lines = body.split(/\r?\n/)
  if (lines.length > lineLimit) throw new WireError('too-long', `Cannot read a description of ${lines.length} lines`)
  const fields = new Map<string, string>()
  for (const line of lines) {
    const match = /^a=([^:]{1,80}):(.{0,200}?) *$/.exec(line)
    if (match !== null && !fields.has(match[1] as string)) fields.set(match[1] as string, match[2] as string)
  }
  return fields
}
