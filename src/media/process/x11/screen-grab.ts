import { AVCOL_RANGE_JPEG, AVCOL_SPC_RGB } from 'node-av/constants'
import { Codec, CodecContext, Dictionary, FormatContext, Frame, InputFormat, Packet } from 'node-av/lib'
import { MediaError } from '../../contract/media-error.ts'
import { mustSucceed } from '../ffmpeg/ffmpeg.ts'

/** Far above what is asked for, so that FFmpeg's own pacing never makes a read wait. */
const unpaced = '1000'

/** Reads a screen's pixels through FFmpeg's x11grab, with the pointer drawn in. One read at a time. */
export class ScreenGrab {
  readonly width: number
  readonly height: number
  readonly #input: FormatContext
  readonly #decoder: CodecContext
  readonly #packet = new Packet()
  readonly #frame = new Frame()
  #reading: Promise<unknown> = Promise.resolve()

  private constructor(width: number, height: number, input: FormatContext, decoder: CodecContext) {
    this.width = width
    this.height = height
    this.#input = input
    this.#decoder = decoder
    this.#packet.alloc()
    this.#frame.alloc()
  }

  /** Takes the even part of a screen. Blocks for some milliseconds. Throws MediaError `codec-failed`. */
  static open(options: { display: string; authorityFile: string; width: number; height: number }): ScreenGrab {
    const width = Math.floor(options.width / 2) * 2
    const height = Math.floor(options.height / 2) * 2
    const input = new FormatContext()
    const decoder = new CodecContext()
    input.allocContext()
    try {
      // x11grab has no option for it, so the cookie goes by the environment; nothing runs between here and its reading.
      process.env['XAUTHORITY'] = options.authorityFile
      const grabOptions = { framerate: unpaced, draw_mouse: '1', video_size: `${width}x${height}` }
      const format = InputFormat.findInputFormat('x11grab')
      const opened = input.openInputSync(options.display, format, Dictionary.fromObject(grabOptions))
      mustSucceed(opened, `capture display ${options.display}`)
      const parameters = input.streams[0]?.codecpar
      const codec = parameters && Codec.findDecoder(parameters.codecId)
      if (!codec)
        throw new MediaError('codec-failed', `Cannot capture display ${options.display}: no raw pictures come`)
      decoder.allocContext3(codec)
      mustSucceed(decoder.parametersToContext(parameters), 'describe raw pictures')
      mustSucceed(decoder.open2Sync(codec), 'take raw pictures')
      return new ScreenGrab(width, height, input, decoder)
    } catch (error) {
      decoder.freeContext()
      input.freeContext()
      throw error
    }
  }

  /** The pixels of now, valid until the next call. Rejects with MediaError `codec-failed`, also after a resize. */
  async read(): Promise<Frame> {
    this.#frame.unref()
    const reading = this.#input.readFrame(this.#packet)
    this.#reading = reading
    mustSucceed(await reading, 'read the screen')
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

  async close(): Promise<void> {
    await this.#reading.catch(() => {})
    this.#packet.free()
    this.#frame.free()
    this.#decoder.freeContext()
    await this.#input.closeInput()
  }
}
