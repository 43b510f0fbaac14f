import { AV_PIX_FMT_YUV420P, SWS_AREA } from 'node-av/constants'
import { type Frame, SoftwareScaleContext } from 'node-av/lib'
import { letterbox, type PictureRect } from '../../../domain/letterbox.ts'
import type { Size } from '../../../domain/size.ts'
import { mustSucceed } from '../ffmpeg/ffmpeg.ts'
import { FramePool, type PooledFrame } from './frame-pool.ts'

/** Black in limited range, for luma and for both chroma planes. */
const black = [16, 128, 128] as const

/** Fits pictures of one size into frames of another, with black bars where the shapes differ, on threads of the pool. */
export class Fitter {
  readonly #from: Size
  readonly #content: PictureRect
  readonly #pool: FramePool
  readonly #scaler = new SoftwareScaleContext()
  /** Nothing is ever drawn on the bars: a frame gets them once. */
  readonly #barred = new WeakSet<PooledFrame>()
  /** One conversion at a time. */
  #work: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(from: Size, to: Size, capacity: number) {
    this.#from = { width: from.width, height: from.height }
    this.#content = letterbox(from, to)
    this.#pool = new FramePool({ ...to, capacity })
    const { width, height } = this.#content
    this.#scaler.getContext(from.width, from.height, AV_PIX_FMT_YUV420P, width, height, AV_PIX_FMT_YUV420P, SWS_AREA)
  }

  /** Held once by the caller; undefined when all frames are in use. Rejects with MediaError `codec-failed`. */
  fit(picture: Frame): Promise<PooledFrame | undefined> {
    const work = this.#work.then(() => this.#fit(picture))
    this.#work = work.catch(() => {})
    return work
  }

  /** Frees what is not in use; the rest as soon as it is let go. */
  close(): void {
    this.#closed = true
    this.#pool.close()
    void this.#work.then(() => this.#scaler.freeContext())
  }

  async #fit(picture: Frame): Promise<PooledFrame | undefined> {
    const target = this.#closed ? undefined : this.#pool.take()
    if (!target) return undefined
    try {
      this.#bar(target)
      const strides = target.frame.linesize.slice(0, 3)
      const planes = (target.frame.data ?? [])
        .slice(0, 3)
        .map((plane, index) => plane.subarray(this.#start(index, strides)))
      const result = await this.#scaler.scale(
        (picture.data ?? []).slice(0, 3),
        picture.linesize.slice(0, 3),
        0,
        this.#from.height,
        planes,
        strides,
      )
      mustSucceed(result, `fit ${this.#from.width}x${this.#from.height} into ${this.#pool.width}x${this.#pool.height}`)
      return target
    } catch (error) {
      target.letGo()
      throw error
    }
  }

  #bar(target: PooledFrame): void {
    if (this.#barred.has(target)) return
    this.#barred.add(target)
    for (const [index, plane] of (target.frame.data ?? []).entries()) plane.fill(black[index] ?? 0)
  }

  /** Where in a plane the picture begins; chroma has half of the lines and columns. */
  #start(plane: number, strides: readonly number[]): number {
    const { x, y } = this.#content
    const share = plane === 0 ? 1 : 2
    return (y / share) * (strides[plane] ?? 0) + x / share
  }
}
