import { availableParallelism } from 'node:os'
import {
  AV_CODEC_FLAG_LOW_DELAY,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AV_PKT_DATA_QUALITY_STATS,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  AVERROR_EAGAIN,
  type FFEncoderCodec,
} from 'node-av/constants'
import { Codec, CodecContext, type Frame, Packet, Rational } from 'node-av/lib'
import type { VideoCodec } from '../../../domain/video-codec.ts'
import { MediaError } from '../../contract/media-error.ts'
import { mustSucceed, setOptions } from '../ffmpeg/ffmpeg.ts'

export interface EncoderSettings {
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly bitrateBps: number
  readonly preset: EncoderPreset
}

/** What counts more: that a picture is ready soon and cheaply, or how it looks. */
export type EncoderPreset = 'latency' | 'quality'

/** What an encoder needs done to frames before it takes them; hardware wants them in its own memory. */
export interface Upload {
  frame(source: Frame): Promise<Frame>
  close(): void
}

/** One encoder of FFmpeg, and how it is set up for live pictures: no delay, no B-pictures, key pictures on demand. */
export interface EncoderKind {
  readonly name: FFEncoderCodec
  readonly codec: VideoCodec
  /** True when it follows a change of bitrate at once, without a key picture. */
  readonly adjustable: boolean
  /** Its private options. */
  readonly options: Readonly<Record<string, string>>
  /** Those that are others where quality counts more. */
  readonly qualityOptions: Readonly<Record<string, string>>
  /** What is particular to it, before it is opened. */
  prepare?(context: CodecContext, settings: EncoderSettings): Upload | undefined
}

/**
 * One coded picture. `data` is valid only during the call that hands it over; `quantizer` is the coder's own measure of
 * how coarse it is (0 to 51 for H.264, 0 to 63 for VP8), undefined where the coder does not tell.
 */
export type OnCoded = (data: Uint8Array, key: boolean, quantizer: number | undefined) => void

/** The rate buffer holds this much time: small, so that no picture takes long to send. */
const bufferSeconds = 0.1

const unlimitedGop = 2 ** 30

/** Nobody sees what a smaller one would add, but it would fill the path with it. */
const finestQuantizer = 15

/** An open encoder. One picture at a time; `close` waits for the one in work. */
export class VideoEncoder {
  readonly kind: EncoderKind
  readonly settings: EncoderSettings
  readonly #context: CodecContext
  readonly #upload: Upload | undefined
  readonly #packet = new Packet()
  #lastPtsUs = -1
  #work: Promise<void> = Promise.resolve()

  private constructor(kind: EncoderKind, settings: EncoderSettings, context: CodecContext, upload: Upload | undefined) {
    this.kind = kind
    this.settings = settings
    this.#context = context
    this.#upload = upload
    this.#packet.alloc()
  }

  /** Throws MediaError `codec-failed` when this machine or build cannot run it. */
  static async open(kind: EncoderKind, settings: EncoderSettings): Promise<VideoEncoder> {
    const codec = Codec.findEncoderByName(kind.name)
    if (!codec) throw new MediaError('codec-failed', `Cannot open ${kind.name}: this build of FFmpeg has none`)
    const context = new CodecContext()
    context.allocContext3(codec)
    let upload: Upload | undefined
    try {
      configure(context, settings)
      upload = kind.prepare?.(context, settings)
      setOptions(context, { ...kind.options, ...(settings.preset === 'quality' && kind.qualityOptions) })
      mustSucceed(await context.open2(codec), `open ${kind.name}`)
    } catch (error) {
      context.freeContext()
      upload?.close()
      throw error
    }
    return new VideoEncoder(kind, settings, context, upload)
  }

  /** Follows a new bitrate from the next picture on, only where the kind is adjustable. `boost`: see FrameCadence. */
  setBitrate(bitrateBps: number, boost = 1): void {
    setRate(this.#context, bitrateBps, boost)
  }

  /**
   * From the next picture on each may take so many bits, whatever those before it took, only where the kind is adjustable: ends
   * with the next `setBitrate`.
   */
  setPictureBits(bits: number): void {
    const bitrateBps = BigInt(Math.round(bits * this.settings.fps))
    this.#context.bitRate = bitrateBps
    this.#context.rcMaxRate = bitrateBps
    this.#context.rcBufferSize = Math.round(bits)
  }

  /**
   * Encodes one picture on a thread of the pool and hands over what comes out before it resolves. Times are
   * microseconds; one that does not increase is moved forward. Throws MediaError `codec-failed`.
   */
  encode(frame: Frame, timeUs: number, key: boolean, onCoded: OnCoded): Promise<void> {
    const work = this.#encode(frame, timeUs, key, onCoded)
    this.#work = work.catch(() => {})
    return work
  }

  async close(): Promise<void> {
    await this.#work
    this.#packet.free()
    this.#context.freeContext()
    this.#upload?.close()
  }

  async #encode(source: Frame, timeUs: number, key: boolean, onCoded: OnCoded): Promise<void> {
    const frame = this.#upload ? await this.#upload.frame(source) : source.clone()
    if (!frame) throw new MediaError('codec-failed', `Cannot encode with ${this.kind.name}: no memory for a frame`)
    try {
      this.#lastPtsUs = Math.max(timeUs, this.#lastPtsUs + 1)
      frame.pts = BigInt(this.#lastPtsUs)
      frame.pictType = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
      mustSucceed(await this.#context.sendFrame(frame), `encode with ${this.kind.name}`)
    } finally {
      frame.free()
    }
    this.#drain(onCoded)
  }

  #drain(onCoded: OnCoded): void {
    for (;;) {
      const result = this.#context.receivePacketSync(this.#packet)
      if (result === AVERROR_EAGAIN) return
      mustSucceed(result, `take a picture from ${this.kind.name}`)
      const { data } = this.#packet
      if (data) onCoded(data, this.#packet.isKeyframe, quantizerOf(this.#packet))
      this.#packet.unref()
    }
  }
}

function configure(context: CodecContext, settings: EncoderSettings): void {
  context.width = settings.width
  context.height = settings.height
  context.pixelFormat = AV_PIX_FMT_YUV420P
  context.colorSpace = AVCOL_SPC_BT709
  context.colorRange = AVCOL_RANGE_MPEG
  context.colorPrimaries = AVCOL_PRI_BT709
  context.colorTrc = AVCOL_TRC_BT709
  // Pictures come when something moves, not at a constant rate: their times are exact, the rate is only nominal.
  context.timeBase = new Rational(1, 1_000_000)
  context.framerate = new Rational(Math.max(1, Math.round(settings.fps)), 1)
  context.gopSize = unlimitedGop
  context.maxBFrames = 0
  context.qMin = finestQuantizer
  context.threadCount = threadsFor(settings)
  context.setFlags(AV_CODEC_FLAG_LOW_DELAY)
  setRate(context, settings.bitrateBps)
}

/** FFmpeg's scale of quality: a quantizer of 1 counts as this much (FF_QP2LAMBDA). */
const quantizerScale = 118

function quantizerOf(packet: Packet): number | undefined {
  const statistics = packet.getSideData(AV_PKT_DATA_QUALITY_STATS)
  return statistics && statistics.length >= 4 ? statistics.readUInt32LE(0) / quantizerScale : undefined
}

function setRate(context: CodecContext, bitrateBps: number, boost = 1): void {
  context.bitRate = BigInt(Math.round(bitrateBps * boost))
  context.rcMaxRate = BigInt(Math.round(bitrateBps * boost))
  context.rcBufferSize = Math.round(bitrateBps * bufferSeconds)
}

/**
 * One thread up to 720p: slices cost bits and processor time. Above, a picture would take too long on one core; but all of
 * its slices have to wait for one that finds no core free.
 */
function threadsFor({ width, height }: EncoderSettings): number {
  return Math.min(4, availableParallelism(), Math.ceil((width * height) / (1280 * 736)))
}
