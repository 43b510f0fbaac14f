import {
  AV_CHANNEL_LAYOUT_5POINT1_BACK,
  AV_CHANNEL_LAYOUT_7POINT1,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_S16,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  FF_ENCODER_LIBOPUS,
} from 'node-av/constants'
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib'
import { layoutFacts, type SoundLayout } from '../../../domain/sound-layout.ts'
import { opusFrameSamples } from '../../contract/access-unit.ts'
import { joinOpus } from '../../opus-packet.ts'
import { MediaError } from '../../contract/media-error.ts'
import { mustSucceed, setOptions } from '../ffmpeg/ffmpeg.ts'
import { frameBytesOf, sampleRate } from './samples/pcm.ts'

/**
 * What FFmpeg calls it, whose order of channels is ours; and the rate that it gets, in bits a second. With less, the encoder may take another
 * bandwidth for a stream of dull sound at any time, and packets of two bandwidths cannot be joined.
 */
const codings = {
  stereo: { layout: AV_CHANNEL_LAYOUT_STEREO, bitrateBps: 128_000 },
  '5.1': { layout: AV_CHANNEL_LAYOUT_5POINT1_BACK, bitrateBps: 384_000 },
  '7.1': { layout: AV_CHANNEL_LAYOUT_7POINT1, bitrateBps: 512_000 },
} as const

/**
 * 5 ms of 48 kHz at a constant rate, two of which are joined: see `opus-packet.ts`. Without forward error correction: that
 * belongs to the wire. Without `mapping_family`: by default FFmpeg makes surround sound of streams whose rates and kinds stay
 * the same, which two packets need to be joined; family 1 lets the low frequencies have 2 bytes for each 5 ms.
 */
const options = { application: 'lowdelay', frame_duration: '5', vbr: 'off', fec: '0' }
const halfSamples = opusFrameSamples / 2

/** Encodes frames of {@link opusFrameSamples} samples; takes about 0.3 ms each for stereo, 2 to 3 times as long for surround. */
export class OpusEncoder {
  readonly #context = new CodecContext()
  readonly #frame = new Frame()
  readonly #packet = new Packet()
  readonly #halfBytes: number
  readonly #streams: number
  #position = 0n

  /** Throws MediaError `codec-failed`. */
  constructor(of: SoundLayout) {
    const { speakers, opus } = layoutFacts[of]
    const { layout, bitrateBps } = codings[of]
    this.#halfBytes = frameBytesOf(speakers.length) / 2
    this.#streams = opus.streams
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBOPUS)
    if (!codec) throw new MediaError('codec-failed', 'Cannot encode sound: this build of FFmpeg has no Opus')
    this.#context.allocContext3(codec)
    this.#context.sampleRate = sampleRate
    this.#context.sampleFormat = AV_SAMPLE_FMT_S16
    this.#context.channelLayout = layout
    this.#context.bitRate = BigInt(bitrateBps)
    this.#context.timeBase = new Rational(1, sampleRate)
    setOptions(this.#context, options)
    mustSucceed(this.#context.open2Sync(codec), 'open the Opus encoder')
    this.#frame.alloc()
    this.#frame.format = AV_SAMPLE_FMT_S16
    this.#frame.nbSamples = halfSamples
    this.#frame.sampleRate = sampleRate
    this.#frame.channelLayout = layout
    mustSucceed(this.#frame.getBuffer(0), 'allocate a frame of sound')
    this.#packet.alloc()
  }

  /** Throws MediaError `codec-failed`. */
  encode(pcm: Uint8Array, onPacket: (data: Uint8Array) => void): void {
    let first: Uint8Array | undefined
    const join = (half: Uint8Array) => {
      const joined = first && joinOpus(first, half, this.#streams)
      if (joined) onPacket(joined)
      first ??= Uint8Array.from(half)
    }
    this.#encodeHalf(pcm.subarray(0, this.#halfBytes), join)
    this.#encodeHalf(pcm.subarray(this.#halfBytes), join)
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
