import {
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT470BG,
  FF_ENCODER_MJPEG,
} from 'node-av/constants'
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib'
import { MediaError } from '../../contract/media-error.ts'
import { mustSucceed } from '../ffmpeg/ffmpeg.ts'
import { Scaler } from '../picture/scaler.ts'

/** FFmpeg's scale of JPEG quality goes from 1, the best, to 31. */
const quality = 5
/** FFmpeg counts it in units of this (FF_QP2LAMBDA). */
const qualityScale = 118

export interface Sides {
  readonly width: number
  readonly height: number
}

/** The largest sides of the same shape that fit into a square, even, and never larger than they were. */
export function fitInto(side: number, { width, height }: Sides): Sides {
  const scale = Math.min(1, side / Math.max(width, height))
  const even = (length: number) => Math.max(2, Math.round((length * scale) / 2) * 2)
  return { width: even(width), height: even(height) }
}

/** Makes JPEGs of one size of pictures of any size, on threads of the pool. One at a time. */
export class JpegMaker {
  readonly width: number
  readonly height: number
  readonly #scaler = new Scaler()
  readonly #context: CodecContext
  readonly #frame: Frame
  readonly #packet = new Packet()
  #count = 0

  private constructor({ width, height }: Sides, context: CodecContext, frame: Frame) {
    this.width = width
    this.height = height
    this.#context = context
    this.#frame = frame
    this.#packet.alloc()
  }

  /** Throws MediaError `codec-failed`. */
  static async open(sides: Sides): Promise<JpegMaker> {
    const codec = Codec.findEncoderByName(FF_ENCODER_MJPEG)
    if (!codec) throw new MediaError('codec-failed', 'Cannot make a JPEG: this build of FFmpeg has no encoder for it')
    const context = new CodecContext()
    const frame = new Frame()
    context.allocContext3(codec)
    frame.alloc()
    try {
      context.width = sides.width
      context.height = sides.height
      context.pixelFormat = AV_PIX_FMT_YUV420P
      // What JFIF means by a colour.
      context.colorSpace = AVCOL_SPC_BT470BG
      context.colorRange = AVCOL_RANGE_JPEG
      context.timeBase = new Rational(1, 25)
      context.threadCount = 1
      context.setFlags(AV_CODEC_FLAG_QSCALE)
      context.globalQuality = quality * qualityScale
      mustSucceed(await context.open2(codec), 'open an encoder for JPEG')
      frame.format = AV_PIX_FMT_YUV420P
      frame.width = sides.width
      frame.height = sides.height
      frame.colorSpace = AVCOL_SPC_BT470BG
      frame.colorRange = AVCOL_RANGE_JPEG
      mustSucceed(frame.getBuffer(0), 'allocate a still')
      return new JpegMaker(sides, context, frame)
    } catch (error) {
      context.freeContext()
      frame.free()
      throw error
    }
  }

  /** Rejects with MediaError `codec-failed`. */
  async make(picture: Frame): Promise<Uint8Array> {
    await this.#scaler.convert(picture, this.#frame)
    this.#frame.pts = BigInt(this.#count++)
    this.#frame.quality = quality * qualityScale
    mustSucceed(await this.#context.sendFrame(this.#frame), 'make a JPEG')
    mustSucceed(this.#context.receivePacketSync(this.#packet), 'take a JPEG')
    const { data } = this.#packet
    // The packet's memory is used again.
    const jpeg = new Uint8Array(data ?? [])
    this.#packet.unref()
    return jpeg
  }

  close(): void {
    this.#scaler.close()
    this.#packet.free()
    this.#frame.free()
    this.#context.freeContext()
  }
}
