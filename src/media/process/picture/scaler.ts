import { type Frame, SoftwareScaleContext } from 'node-av/lib'
import { mustSucceed } from '../ffmpeg/ffmpeg.ts'

/**
 * Converts and scales on a thread of the pool, averaging areas. The colour spaces are those that the frames are marked
 * with. One conversion at a time.
 */
export class Scaler {
  readonly #context = new SoftwareScaleContext()

  constructor() {
    this.#context.allocContext()
    mustSucceed(this.#context.setOption('sws_flags', 'area'), 'choose how to scale')
  }

  async convert(from: Frame, to: Frame): Promise<void> {
    const result = await this.#context.scaleFrame(to, from)
    mustSucceed(result, `convert ${from.width}x${from.height} to ${to.width}x${to.height}`)
  }

  close(): void {
    this.#context.freeContext()
  }
}
