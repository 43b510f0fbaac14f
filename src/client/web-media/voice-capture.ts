import { installVoiceProcessor, voiceProcessorName } from './voice-processor.ts'

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

/**
 * Through an audio worklet into an encoder of WebCodecs: tracks can be read directly in some browsers only. What goes wrong ends
 * it in silence.
 */
export function openVoiceCapture(track: MediaStreamTrack, onPacket: (packet: VoicePacket) => void): VoiceCapture {
  const { context, source } = openSource(track)
  const encoder = new AudioEncoder({
    output: (chunk) => {
      const data = new Uint8Array(chunk.byteLength)
      chunk.copyTo(data)
      onPacket({ timestamp: Math.round(chunk.timestamp * samplesPerUs) >>> 0, data })
    },
    error: () => close(),
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
  const begin = async () => {
    await install(context)
    if (closed) return
    const node = new AudioWorkletNode(context, voiceProcessorName, {
      outputChannelCount: [1],
      channelCount: 1,
      channelCountMode: 'explicit',
    })
    let samples = 0
    node.port.addEventListener('message', ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => {
      const timestamp = Math.round((samples * 1_000_000) / context.sampleRate)
      samples += data.length
      if (encoder.state !== 'configured' || encoder.encodeQueueSize > mostWaiting) return
      const format = { format: 'f32-planar', sampleRate: context.sampleRate, numberOfChannels: 1 } as const
      const piece = new AudioData({ ...format, numberOfFrames: data.length, timestamp, data })
      encoder.encode(piece)
      piece.close()
    })
    node.port.start()
    // It says nothing itself; what leads nowhere is not run everywhere.
    source.connect(node).connect(context.destination)
    if (context.state === 'suspended') await context.resume()
  }
  begin().catch(close)
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

async function install(context: AudioContext): Promise<void> {
  const text = `(${installVoiceProcessor.toString()})(globalThis, ${JSON.stringify(voiceProcessorName)})`
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  try {
    await context.audioWorklet.addModule(url)
  } finally {
    URL.revokeObjectURL(url)
  }
}
