import { AV_CHANNEL_LAYOUT_MONO, FF_DECODER_LIBOPUS } from 'node-av/constants'
import { Codec, CodecContext, Frame, Packet } from 'node-av/lib'
import { MediaError } from '../../../contract/media-error.ts'
import { mustSucceed } from '../../ffmpeg/ffmpeg.ts'
import { sampleRate } from '../samples/pcm.ts'

const full = 32_768

/** Decodes somebody's Opus packets to mono samples from -1 to 1 at 48 kHz; takes about 30 µs for 20 ms. */
export class VoiceDecoder {
  readonly #context = new CodecContext()
  readonly #frame = new Frame()
  readonly #packet = new Packet()

  /** Throws MediaError `codec-failed`. */
  constructor() {
    const codec = Codec.findDecoderByName(FF_DECODER_LIBOPUS)
    if (!codec) throw new MediaError('codec-failed', 'Cannot decode a voice: this build of FFmpeg has no Opus')
    this.#context.allocContext3(codec)
    this.#context.sampleRate = sampleRate
    // Both channels of stereo become one.
    this.#context.channelLayout = AV_CHANNEL_LAYOUT_MONO
    mustSucceed(this.#context.open2Sync(codec), 'open the Opus decoder')
    this.#frame.alloc()
    this.#packet.alloc()
  }

  /** Undefined for what is no Opus packet. */
  decode(data: Uint8Array): Float32Array<ArrayBuffer> | undefined {
    if (data.length === 0) return undefined
    this.#packet.data = data as Buffer
    const taken = this.#context.sendPacketSync(this.#packet)
    this.#packet.unref()
    if (taken < 0 || this.#context.receiveFrameSync(this.#frame) < 0) return undefined
    const [bytes] = this.#frame.data ?? []
    const samples = bytes && samplesOf(bytes, this.#frame.nbSamples)
    this.#frame.unref()
    return samples
  }

  close(): void {
    this.#packet.free()
    this.#frame.free()
    this.#context.freeContext()
  }
}

function samplesOf(bytes: Buffer, count: number): Float32Array<ArrayBuffer> {
  const pcm = new Int16Array(count)
  new Uint8Array(pcm.buffer).set(bytes.subarray(0, 2 * count))
  const samples = new Float32Array(count)
  for (let index = 0; index < count; index++) samples[index] = (pcm[index] as number) / full
  return samples
}
