import { hearPieces } from './voice-pieces.ts'

/** One Opus packet, and its place at 48 kHz in 32 bits. */
export interface VoicePacket {
  readonly timestamp: number
  readonly data: Uint8Array
}

/** Turns what a microphone hears into Opus packets, until it is closed. */
export interface VoiceCapture {
  close(): void
}

const sampleRate = 48_000
const samplesPerUs = sampleRate / 1_000_000
const bitrateBps = 32_000
const frameUs = 20_000
/** An encoder that has more in hand is too slow: what comes is dropped. */
const mostWaiting = 10

/** What becomes of a voice. */
export interface VoiceEvents {
  readonly onPacket: (packet: VoicePacket) => void
  /** No more packets come; `reason` is a sentence for people. */
  readonly onFailure: (reason: string) => void
}

/** Into an encoder of WebCodecs, by way of Web Audio: tracks can be read directly in some browsers only. */
export function openVoiceCapture(track: MediaStreamTrack, { onPacket, onFailure }: VoiceEvents): VoiceCapture {
  const { context, source } = openSource(track)
  const fail = () => {
    if (closed) return
    close()
    onFailure('The browser cannot make what the microphone hears ready to be sent')
  }
  const encoder = new AudioEncoder({
    output: (chunk) => {
      const data = new Uint8Array(chunk.byteLength)
      chunk.copyTo(data)
      onPacket({ timestamp: Math.round(chunk.timestamp * samplesPerUs) >>> 0, data })
    },
    error: fail,
  })
  encoder.configure({
    codec: 'opus',
    sampleRate: context.sampleRate,
    numberOfChannels: 1,
    bitrate: bitrateBps,
    opus: { frameDuration: frameUs },
  })
  let closed = false
  const close = () => {
    if (closed) return
    closed = true
    source.disconnect()
    if (encoder.state !== 'closed') encoder.close()
    void context.close()
  }
  let samples = 0
  const encode = (data: Float32Array<ArrayBuffer>) => {
    const timestamp = Math.round((samples * 1_000_000) / context.sampleRate)
    samples += data.length
    if (encoder.state !== 'configured' || encoder.encodeQueueSize > mostWaiting) return
    const format = { format: 'f32-planar', sampleRate: context.sampleRate, numberOfChannels: 1 } as const
    const piece = new AudioData({ ...format, numberOfFrames: data.length, timestamp, data })
    encoder.encode(piece)
    piece.close()
  }
  const begin = async () => {
    await hearPieces(source, encode)
    if (!closed && context.state === 'suspended') await context.resume()
  }
  begin().catch(fail)
  return { close }
}

/** At the rate of Opus where the browser takes the track so, at the device's own otherwise (Firefox). */
function openSource(track: MediaStreamTrack): { context: AudioContext; source: MediaStreamAudioSourceNode } {
  const stream = new MediaStream([track])
  const context = new AudioContext({ sampleRate, latencyHint: 'interactive' })
  try {
    return { context, source: context.createMediaStreamSource(stream) }
  } catch {
    void context.close()
    const own = new AudioContext({ latencyHint: 'interactive' })
    return { context: own, source: own.createMediaStreamSource(stream) }
  }
}
