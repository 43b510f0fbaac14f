import type { Frame } from 'node-av/lib'
import { sameSize, type Size } from '../../../domain/size.ts'
import { type PictureSize, sidesOf } from '../../contract/picture-size.ts'
import { FramePool, type PooledFrame } from './frame-pool.ts'
import { Fitter } from './fitter.ts'

/**
 * Pictures of one size that can be alive at once: one shown, one being made, and for each encoder one in work and one that
 * waits; those who make a smaller size of it let it go as soon as they have that.
 */
const capacity = 8

/** What was captured: the picture at full size, and in those sizes that somebody has asked for. */
class Captured {
  readonly full: PooledFrame
  readonly #sizes: PictureSizes
  readonly #smaller = new Map<number, Promise<PooledFrame | undefined>>()
  #holders = 1

  constructor(full: PooledFrame, sizes: PictureSizes) {
    this.full = full
    this.#sizes = sizes
  }

  hold(): void {
    this.#holders++
  }

  letGo(): void {
    if (--this.#holders > 0) return
    this.full.letGo()
    for (const making of this.#smaller.values()) void making.then((frame) => frame?.letGo(), ignored)
  }

  async in(size: PictureSize): Promise<PooledFrame | undefined> {
    const sides = sidesOf(size, this.full.frame)
    if (sameSize(sides, this.full.frame)) return this.full.hold()
    const key = keyOf(sides)
    const making = this.#smaller.get(key) ?? this.#sizes.fit(this.full.frame, sides)
    this.#smaller.set(key, making)
    const frame = await making
    if (!frame) this.#smaller.delete(key)
    return frame?.hold()
  }
}

/** One captured picture, held once by whoever has taken it, and once more by each who keeps it. */
export class Picture {
  /** Microseconds of the monotonic clock. */
  readonly captureUs: number
  readonly #captured: Captured

  constructor(captureUs: number, captured: Captured) {
    this.captureUs = captureUs
    this.#captured = captured
  }

  /** At full size; valid while the picture is held. */
  get full(): Frame {
    return this.#captured.full.frame
  }

  /** What shows the same at another time; it counts as held with this one. */
  at(captureUs: number): Picture {
    return new Picture(captureUs, this.#captured)
  }

  hold(): this {
    this.#captured.hold()
    return this
  }

  letGo(): void {
    this.#captured.letGo()
  }

  /**
   * The picture in a size, made when it is first asked for and then shared, so that nobody waits for a size that others want. The
   * caller lets the frame go. Undefined when no buffer is free. Rejects with MediaError `codec-failed`.
   */
  in(size: PictureSize): Promise<PooledFrame | undefined> {
    return this.#captured.in(size)
  }
}

/** Where pictures of one full size come from, and their other sizes. */
export class PictureSizes {
  readonly full: FramePool
  readonly #others = new Map<number, Fitter>()
  #closed = false

  constructor(width: number, height: number) {
    this.full = new FramePool({ width, height, capacity })
  }

  /** A picture of a full frame, whose hold passes to it. */
  picture(full: PooledFrame, captureUs: number): Picture {
    return new Picture(captureUs, new Captured(full, this))
  }

  /** Held once by the caller; undefined when no buffer is free, or after the end. Rejects with MediaError `codec-failed`. */
  async fit(full: Frame, sides: Size): Promise<PooledFrame | undefined> {
    if (this.#closed) return undefined
    const key = keyOf(sides)
    let fitter = this.#others.get(key)
    if (!fitter) {
      fitter = new Fitter(this.full, sides, capacity)
      this.#others.set(key, fitter)
    }
    return await fitter.fit(full)
  }

  /** Frees the buffers, those in use as soon as they are let go. */
  close(): void {
    this.#closed = true
    this.full.close()
    for (const fitter of this.#others.values()) fitter.close()
    this.#others.clear()
  }
}

function keyOf({ width, height }: Size): number {
  return width * 0x10000 + height
}

/** Whoever asked for the frame has been told. */
function ignored(): void {}
