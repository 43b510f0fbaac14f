import {
  AV_CODEC_ID_H264,
  AV_CODEC_ID_MJPEG,
  AV_CODEC_ID_VP8,
  AV_PIX_FMT_RGBA,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_RGB,
} from 'node-av/constants'
import { Codec, CodecContext, Frame, Packet, SoftwareScaleContext } from 'node-av/lib'
import type { AccessUnit } from '../contract/access-unit.ts'
import type { VideoCodec } from '../../domain/video-codec.ts'
import type { RgbaImage } from '../test-pattern/time-barcode.ts'

const ids = { h264: AV_CODEC_ID_H264, vp8: AV_CODEC_ID_VP8, mjpeg: AV_CODEC_ID_MJPEG } as const

/** Decodes a viewer's units to pixels, with FFmpeg's decoders. */
export class PictureDecoder implements Disposable {
  readonly #context = new CodecContext()
  readonly #scaler = new SoftwareScaleContext()
  readonly #packet = new Packet()
  readonly #frame = new Frame()

  constructor(codec: VideoCodec | 'mjpeg') {
    const decoder = Codec.findDecoder(ids[codec])
    if (!decoder) throw new Error(`Cannot decode ${codec}: this build of FFmpeg has no decoder`)
    this.#context.allocContext3(decoder)
    this.#context.threadCount = 1
    if (this.#context.open2Sync(decoder) < 0) throw new Error(`Cannot open the ${codec} decoder`)
    this.#scaler.allocContext()
    this.#scaler.setOption('sws_flags', 'bilinear+accurate_rnd+full_chroma_int')
    this.#packet.alloc()
    this.#frame.alloc()
  }

  /** What the stream says of itself, after a picture was decoded. */
  get description(): { profile: number; level: number; colorSpace: number; colorRange: number } {
    const { profile, level, colorSpace, colorRange } = this.#context
    return { profile, level, colorSpace, colorRange }
  }

  /** The picture of a unit. Throws when it does not decode to exactly one. */
  decode(unit: Pick<AccessUnit, 'data'>): RgbaImage {
    this.#packet.data = Buffer.from(unit.data)
    const sent = this.#context.sendPacketSync(this.#packet)
    this.#packet.unref()
    const received = this.#context.receiveFrameSync(this.#frame)
    if (sent < 0 || received < 0) throw new Error(`Cannot decode a picture: ${sent}, ${received}`)
    return this.#toRgba()
  }

  [Symbol.dispose](): void {
    this.#packet.free()
    this.#frame.free()
    this.#scaler.freeContext()
    this.#context.freeContext()
  }

  #toRgba(): RgbaImage {
    const { width, height } = this.#frame
    const pixels = new Frame()
    pixels.alloc()
    try {
      pixels.format = AV_PIX_FMT_RGBA
      pixels.width = width
      pixels.height = height
      pixels.colorSpace = AVCOL_SPC_RGB
      pixels.colorRange = AVCOL_RANGE_JPEG
      if (pixels.getBuffer(1) < 0 || this.#scaler.scaleFrameSync(pixels, this.#frame) < 0) {
        throw new Error('Cannot convert a decoded picture')
      }
      const stride = pixels.linesize[0] ?? 0
      const data = new Uint8Array(width * height * 4)
      const plane = pixels.data?.[0] ?? Buffer.of()
      for (let row = 0; row < height; row++) {
        data.set(plane.subarray(row * stride, row * stride + width * 4), row * width * 4)
      }
      return { width, height, data }
    } finally {
      pixels.free()
      this.#frame.unref()
    }
  }
}

/** Red, green and blue of one pixel. */
export function pixelAt(image: RgbaImage, x: number, y: number): [number, number, number] {
  const at = (y * image.width + x) * 4
  return [image.data[at] ?? 0, image.data[at + 1] ?? 0, image.data[at + 2] ?? 0]
}
