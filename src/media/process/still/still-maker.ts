import { type Still, stillSide } from '../../contract/still.ts'
import type { Picture } from '../picture/picture.ts'
import { fitInto, JpegMaker } from './jpeg-maker.ts'

/** Makes stills of a source's pictures, whatever sizes those have in the course of time. One at a time. */
export class StillMaker {
  #maker: JpegMaker | undefined

  /** Rejects with MediaError `codec-failed`. */
  async make({ captureUs, full }: Picture): Promise<Still> {
    const { width, height } = fitInto(stillSide, full)
    if (this.#maker?.width !== width || this.#maker.height !== height) {
      this.close()
      this.#maker = await JpegMaker.open({ width, height })
    }
    return { jpeg: await this.#maker.make(full), width, height, captureUs }
  }

  close(): void {
    this.#maker?.close()
    this.#maker = undefined
  }
}
