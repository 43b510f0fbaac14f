import {
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  type AVPixelFormat,
} from 'node-av/constants'
import { Frame } from 'node-av/lib'
import { mustSucceed } from '../ffmpeg/ffmpeg.ts'

/** A frame of a pool. Whoever keeps it holds it once and lets it go once; then its buffer is used again. */
export class PooledFrame {
  readonly frame: Frame
  readonly #onFree: (frame: PooledFrame) => void
  #holders = 0

  constructor(frame: Frame, onFree: (frame: PooledFrame) => void) {
    this.frame = frame
    this.#onFree = onFree
  }

  hold(): this {
    this.#holders++
    return this
  }

  letGo(): void {
    if (--this.#holders === 0) this.#onFree(this)
  }
}

/** Frames of one size in BT.709, limited range, made as they are needed and used again, up to a capacity. */
export class FramePool {
  readonly width: number
  readonly height: number
  readonly #format: AVPixelFormat
  readonly #capacity: number
  readonly #free: PooledFrame[] = []
  #made = 0
  #closed = false

  constructor(options: { width: number; height: number; capacity: number; format?: AVPixelFormat }) {
    this.width = options.width
    this.height = options.height
    this.#capacity = options.capacity
    this.#format = options.format ?? AV_PIX_FMT_YUV420P
  }

  /** A frame held once by the caller; undefined while all are in use. Throws MediaError `codec-failed`. */
  take(): PooledFrame | undefined {
    const free = this.#free.pop()
    if (free) return free.hold()
    if (this.#made === this.#capacity || this.#closed) return undefined
    this.#made++
    return this.#make().hold()
  }

  /** Frees the buffers, those in use as soon as they are let go. */
  close(): void {
    this.#closed = true
    for (const { frame } of this.#free.splice(0)) frame.free()
  }

  #make(): PooledFrame {
    const frame = new Frame()
    frame.alloc()
    frame.format = this.#format
    frame.width = this.width
    frame.height = this.height
    frame.colorSpace = AVCOL_SPC_BT709
    frame.colorRange = AVCOL_RANGE_MPEG
    frame.colorPrimaries = AVCOL_PRI_BT709
    frame.colorTrc = AVCOL_TRC_BT709
    mustSucceed(frame.getBuffer(0), `allocate a picture of ${this.width}x${this.height}`)
    return new PooledFrame(frame, (pooled) => {
      if (this.#closed) frame.free()
      else this.#free.push(pooled)
    })
  }
}
