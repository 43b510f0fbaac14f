import { AV_CODEC_ID_RAWVIDEO, AV_PIX_FMT_BGR0, AVCOL_RANGE_JPEG, AVCOL_SPC_RGB } from 'node-av/constants'
import { Codec, CodecContext, Frame, Packet } from 'node-av/lib'
import type { Answer, CursorImage, CursorImages } from 'x11'
import { MediaError } from '../../contract/media-error.ts'
import { mustSucceed } from '../ffmpeg/ffmpeg.ts'
import type { DisplayLink } from './display-link.ts'

/** Core protocol, GetImage: the pixels as the server keeps them. */
const zPixmap = 2
const bytesPerPixel = 4

/**
 * Reads a screen's pixels by the connection that goes on while a program has grabbed the server, which FFmpeg's does not. All
 * pixels go through a socket: this is for as long as a window manager places a window, and costs too much for always.
 */
export class GrabbedScreen {
  readonly width: number
  readonly height: number
  readonly #link: DisplayLink
  readonly #cursors: CursorImages
  readonly #decoder = new CodecContext()
  readonly #packet = new Packet()
  readonly #frame = new Frame()

  /** Throws MediaError `codec-failed`. */
  constructor(options: { link: DisplayLink; cursors: CursorImages; width: number; height: number }) {
    this.width = options.width
    this.height = options.height
    this.#link = options.link
    this.#cursors = options.cursors
    const codec = Codec.findDecoder(AV_CODEC_ID_RAWVIDEO)
    if (!codec) throw new MediaError('codec-failed', 'Cannot take raw pictures: FFmpeg lacks the decoder')
    this.#decoder.allocContext3(codec)
    this.#decoder.width = options.width
    this.#decoder.height = options.height
    this.#decoder.pixelFormat = AV_PIX_FMT_BGR0
    mustSucceed(this.#decoder.open2Sync(codec), 'take raw pictures')
    this.#packet.alloc()
    this.#frame.alloc()
  }

  /** The pixels of now, valid until the next call. Rejects with MediaError `display-failed`, also after a resize. */
  async read(): Promise<Frame> {
    const { client, root } = this.#link
    const { width, height } = this
    const [image, cursor] = await Promise.all([
      this.#link.ask<{ readonly data: Buffer }>((answer) =>
        client.GetImage(zPixmap, root, 0, 0, width, height, 0xffffffff, answer),
      ),
      this.#link.ask<CursorImage>((answer: Answer<CursorImage>) => this.#cursors.GetCursorImage(answer)),
    ])
    if (image.data.length < width * height * bytesPerPixel) {
      throw new MediaError('display-failed', 'Cannot read the screen: it has other than 32 bits a pixel')
    }
    const pixels = Buffer.from(image.data.subarray(0, width * height * bytesPerPixel))
    drawCursor(pixels, width, height, cursor)
    this.#frame.unref()
    this.#packet.data = pixels
    try {
      mustSucceed(this.#decoder.sendPacketSync(this.#packet), 'take the pixels read')
      mustSucceed(this.#decoder.receiveFrameSync(this.#frame), 'take the picture read')
    } finally {
      this.#packet.unref()
    }
    this.#frame.colorSpace = AVCOL_SPC_RGB
    this.#frame.colorRange = AVCOL_RANGE_JPEG
    return this.#frame
  }

  close(): void {
    this.#packet.free()
    this.#frame.free()
    this.#decoder.freeContext()
  }
}

/** Lays a pointer's picture, whose colours are multiplied by their opacity (XFIXES), over pixels. */
export function drawCursor(pixels: Buffer, width: number, height: number, cursor: CursorImage): void {
  const left = cursor.x - cursor.xhot
  const top = cursor.y - cursor.yhot
  for (let row = Math.max(0, -top); row < cursor.height && top + row < height; row++) {
    for (let column = Math.max(0, -left); column < cursor.width && left + column < width; column++) {
      const from = (row * cursor.width + column) * bytesPerPixel
      const to = ((top + row) * width + left + column) * bytesPerPixel
      const through = 255 - (cursor.cursorImage[from + 3] ?? 0)
      for (let channel = 0; channel < 3; channel++) {
        const below = pixels[to + channel] ?? 0
        pixels[to + channel] = Math.min(
          255,
          (cursor.cursorImage[from + channel] ?? 0) + Math.round((below * through) / 255),
        )
      }
    }
  }
}
