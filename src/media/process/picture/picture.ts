import { FramePool, type PooledFrame } from './frame-pool.ts'
import { Scaler } from './scaler.ts'

/** Divides both sides of a picture. */
export type Shrink = 1 | 2 | 4

/** Pictures of one size that can be alive at once: one shown, one waiting, one encoding, one being made. */
const capacity = 4

/** One captured picture at full size, and scaled for the renditions that want it smaller. */
export interface Picture {
  /** Microseconds of the monotonic clock. */
  readonly captureUs: number
  readonly frames: ReadonlyMap<Shrink, PooledFrame>
}

export function holdPicture(picture: Picture): Picture {
  for (const frame of picture.frames.values()) frame.hold()
  return picture
}

export function letGoPicture(picture: Picture): void {
  for (const frame of picture.frames.values()) frame.letGo()
}

/** A side of a picture that is shrunk: even, as 4:2:0 needs it. */
export function shrunkSide(side: number, shrink: Shrink): number {
  return Math.max(2, Math.floor(side / shrink / 2) * 2)
}

/** Makes the smaller sizes of full pictures of one size; each is converted once for all who want it. */
export class PictureSizes {
  readonly full: FramePool
  readonly #smaller = new Map<Shrink, { readonly pool: FramePool; readonly scaler: Scaler }>()

  constructor(width: number, height: number) {
    this.full = new FramePool({ width, height, capacity })
  }

  /** Completes a full frame, whose hold passes to the picture. Undefined when no buffer is free; the frame is let go. */
  async complete(full: PooledFrame, captureUs: number, shrinks: Iterable<Shrink>): Promise<Picture | undefined> {
    const frames = new Map<Shrink, PooledFrame>([[1, full]])
    const picture = { captureUs, frames }
    try {
      for (const shrink of shrinks) {
        if (frames.has(shrink)) continue
        const { pool, scaler } = this.#size(shrink)
        const frame = pool.take()
        if (!frame) {
          letGoPicture(picture)
          return undefined
        }
        frames.set(shrink, frame)
        await scaler.convert(full.frame, frame.frame)
      }
    } catch (error) {
      letGoPicture(picture)
      throw error
    }
    return picture
  }

  close(): void {
    this.full.close()
    for (const { pool, scaler } of this.#smaller.values()) {
      pool.close()
      scaler.close()
    }
    this.#smaller.clear()
  }

  #size(shrink: Shrink): { readonly pool: FramePool; readonly scaler: Scaler } {
    let size = this.#smaller.get(shrink)
    if (!size) {
      const width = shrunkSide(this.full.width, shrink)
      const height = shrunkSide(this.full.height, shrink)
      size = { pool: new FramePool({ width, height, capacity }), scaler: new Scaler() }
      this.#smaller.set(shrink, size)
    }
    return size
  }
}
