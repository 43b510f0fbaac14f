import type { Clock } from '../../../kernel/clock.ts'
import { monotonicUs } from '../../contract/monotonic.ts'
import type { SourceSpec } from '../../contract/producer.ts'
import { type CardText, TestCard } from '../../test-pattern/test-card.ts'
import type { YuvPlanes } from '../../test-pattern/yuv-canvas.ts'
import { type Picture, PictureSizes } from '../picture/picture.ts'
import type { PooledFrame } from '../picture/frame-pool.ts'
import type { PictureSource } from '../picture/picture-source.ts'

export type TestPatternSpec = Extract<SourceSpec, { kind: 'test-pattern' }>

/** A test card that moves with every picture; nothing is drawn before somebody watches, as most waiting rooms stay empty. */
export class TestPatternSource implements PictureSource {
  readonly width: number
  readonly height: number
  readonly fps: number
  /** It has always moved on. */
  readonly changedSinceUs = 0
  readonly #clock: Clock
  readonly #sizes: PictureSizes
  #text: CardText
  #card: TestCard | undefined
  #drawn = 0

  constructor(spec: TestPatternSpec, clock: Clock) {
    this.width = Math.max(2, Math.floor(spec.width / 2) * 2)
    this.height = Math.max(2, Math.floor(spec.height / 2) * 2)
    this.fps = spec.fps
    this.#clock = clock
    this.#text = spec
    this.#sizes = new PictureSizes(this.width, this.height)
  }

  setText(text: CardText): void {
    this.#text = text
    this.#card?.setText(text)
  }

  async capture(): Promise<Picture | undefined> {
    const full = this.#sizes.full.take()
    if (!full) return undefined
    this.#card ??= new TestCard(this.width, this.height, this.#text)
    const captureUs = monotonicUs()
    copyPlanes(this.#card.draw(this.#drawn++, this.#clock.epochMs()), full)
    return this.#sizes.picture(full, captureUs)
  }

  async close(): Promise<void> {
    this.#sizes.close()
  }
}

function copyPlanes(from: YuvPlanes, { frame }: PooledFrame): void {
  const { data, linesize } = frame
  for (const [index, plane] of [from.y, from.u, from.v].entries()) {
    const to = data?.[index]
    const stride = linesize[index]
    if (!to || !stride) throw new RangeError('Cannot copy a picture: the frame lacks a plane')
    const width = index === 0 ? from.width : from.width / 2
    for (let at = 0, toAt = 0; at < plane.length; at += width, toAt += stride) {
      to.set(plane.subarray(at, at + width), toAt)
    }
  }
}
