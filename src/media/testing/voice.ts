import { AV_CHANNEL_LAYOUT_MONO, AV_SAMPLE_FMT_S16, FF_ENCODER_LIBOPUS } from 'node-av/constants'
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib'
import { sampleRate } from '../process/sound/samples/pcm.ts'

/** Samples of a packet: 20 ms, as browsers make them. */
export const voicePacketSamples = 960

/** A tone as mono samples; `from` is the place of the first. */
export function toneSamples(frequencyHz: number, from: number, count: number, level = 0.3): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, index) => {
    return level * Math.sin((2 * Math.PI * frequencyHz * (from + index)) / sampleRate)
  })
}

/** How loud a tone is in samples: its amplitude (Goertzel's algorithm). */
export function toneLevel(samples: ArrayLike<number>, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRate)
  let [before, last] = [0, 0]
  for (let index = 0; index < samples.length; index++) {
    const next = (samples[index] as number) + coefficient * last - before
    before = last
    last = next
  }
  const power = last * last + before * before - coefficient * last * before
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length
}

/** Makes Opus packets of somebody's microphone, as a browser does: mono, 20 ms, 32 kbit/s. */
export class VoiceEncoder implements Disposable {
  readonly #context = new CodecContext()
  readonly #frame = new Frame()
  readonly #packet = new Packet()
  #position = 0n

  constructor() {
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBOPUS)
    if (!codec) throw new Error('There is no Opus')
    this.#context.allocContext3(codec)
    this.#context.sampleRate = sampleRate
    this.#context.sampleFormat = AV_SAMPLE_FMT_S16
    this.#context.channelLayout = AV_CHANNEL_LAYOUT_MONO
    this.#context.bitRate = 32_000n
    this.#context.timeBase = new Rational(1, sampleRate)
    this.#context.setOption('application', 'voip')
    this.#context.setOption('frame_duration', '20')
    this.#context.open2Sync(codec)
    this.#frame.alloc()
    this.#frame.format = AV_SAMPLE_FMT_S16
    this.#frame.nbSamples = voicePacketSamples
    this.#frame.sampleRate = sampleRate
    this.#frame.channelLayout = AV_CHANNEL_LAYOUT_MONO
    this.#frame.getBuffer(0)
    this.#packet.alloc()
  }

  /** Takes {@link voicePacketSamples} samples. */
  encode(samples: Float32Array): Uint8Array {
    this.#frame.makeWritable()
    const pcm = Buffer.alloc(2 * samples.length)
    for (const [index, sample] of samples.entries()) pcm.writeInt16LE(Math.round(sample * 32_767), 2 * index)
    this.#frame.data?.[0]?.set(pcm)
    this.#frame.pts = this.#position
    this.#position += BigInt(voicePacketSamples)
    this.#context.sendFrameSync(this.#frame)
    this.#context.receivePacketSync(this.#packet)
    const data = Uint8Array.from(this.#packet.data ?? [])
    this.#packet.unref()
    return data
  }

  [Symbol.dispose](): void {
    // The encoder complains of samples that nobody has taken.
    this.#context.sendFrameSync(null)
    while (this.#context.receivePacketSync(this.#packet) >= 0) this.#packet.unref()
    this.#packet.free()
    this.#frame.free()
    this.#context.freeContext()
  }
}
