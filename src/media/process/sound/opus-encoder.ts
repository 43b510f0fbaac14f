import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_S16,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  FF_ENCODER_LIBOPUS,
} from 'node-av/constants'
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib'
import { opusFrameSamples } from '../../contract/access-unit.ts'
import { joinOpus } from '../../opus-packet.ts'
import { MediaError } from '../../contract/media-error.ts'
import { mustSucceed, setOptions } from '../ffmpeg/ffmpeg.ts'
import { frameBytes, sampleRate } from './samples/pcm.ts'

const bitrateBps = 128_000n

/**
 * 5 ms of 48 kHz stereo at a constant rate, two of which are joined: see `opus-packet.ts`. Without forward error correction: that
 * belongs to the wire.
 */
const options = { application: 'lowdelay', frame_duration: '5', vbr: 'off', fec: '0' }
const halfSamples = opusFrameSamples / 2
const halfBytes = frameBytes / 2

/** Encodes frames of {@link opusFrameSamples} samples; takes about 0.3 ms each. */
export class OpusEncoder {
  readonly #context = new CodecContext()
  readonly #frame = new Frame()
  readonly #packet = new Packet()
  #position = 0n

  /** Throws MediaError `codec-failed`. */
  constructor() {
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBOPUS)
    if (!codec) throw new MediaError('codec-failed', 'Cannot encode sound: this build of FFmpeg has no Opus')
    this.#context.allocContext3(codec)
    this.#context.sampleRate = sampleRate
    this.#context.sampleFormat = AV_SAMPLE_FMT_S16
    this.#context.channelLayout = AV_CHANNEL_LAYOUT_STEREO
    this.#context.bitRate = bitrateBps
    this.#context.timeBase = new Rational(1, sampleRate)
    setOptions(this.#context, options)
    mustSucceed(this.#context.open2Sync(codec), 'open the Opus encoder')
    this.#frame.alloc()
    this.#frame.format = AV_SAMPLE_FMT_S16
    this.#frame.nbSamples = halfSamples
    this.#frame.sampleRate = sampleRate
    this.#frame.channelLayout = AV_CHANNEL_LAYOUT_STEREO
    mustSucceed(this.#frame.getBuffer(0), 'allocate a frame of sound')
    this.#packet.alloc()
  }

  /** Throws MediaError `codec-failed`. */
  encode(pcm: Uint8Array, onPacket: (data: Uint8Array) => void): void {
    let first: Uint8Array | undefined
    const join = (half: Uint8Array) => {
      if (first) onPacket(joinOpus(first, half))
      else first = Uint8Array.from(half)
    }
    this.#encodeHalf(pcm.subarray(0, halfBytes), join)
    this.#encodeHalf(pcm.subarray(halfBytes), join)
  }

  close(): void {
    // The encoder complains of samples that nobody has taken.
    this.#context.sendFrameSync(null)
    this.#drain(() => {})
    this.#packet.free()
    this.#frame.free()
    this.#context.freeContext()
  }

  #encodeHalf(pcm: Uint8Array, onPacket: (data: Uint8Array) => void): void {
    mustSucceed(this.#frame.makeWritable(), 'write a frame of sound')
    this.#frame.data?.[0]?.set(pcm)
    this.#frame.pts = this.#position
    this.#position += BigInt(halfSamples)
    mustSucceed(this.#context.sendFrameSync(this.#frame), 'encode sound')
    this.#drain(onPacket)
  }

  #drain(onPacket: (data: Uint8Array) => void): void {
    for (;;) {
      const result = this.#context.receivePacketSync(this.#packet)
      if (result === AVERROR_EAGAIN || result === AVERROR_EOF) return
      mustSucceed(result, 'take encoded sound')
      if (this.#packet.data) onPacket(this.#packet.data)
      this.#packet.unref()
    }
  }
}
