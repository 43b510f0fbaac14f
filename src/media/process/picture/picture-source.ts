import type { Picture } from './picture.ts'

/** Where pictures come from. It works only when asked to. */
export interface PictureSource {
  readonly width: number
  readonly height: number
  /** Pictures a second, at most. */
  readonly fps: number
  /** Since when there is something new to see, in microseconds of the monotonic clock; undefined when there is not. */
  readonly changedSinceUs: number | undefined
  /**
   * Takes a picture, which the caller holds. Undefined when too many pictures are in use. Rejects with MediaError when the
   * source has failed. One call at a time.
   */
  capture(): Promise<Picture | undefined>
  /** Waits for the capture in work. */
  close(): Promise<void>
}

export interface PictureSourceEvents {
  /** There is something new to see. */
  readonly onChange: () => void
  /** Pictures have another size from now on. */
  readonly onResize: () => void
  /** No further picture will come; `reason` is a sentence for people. */
  readonly onFailure: (reason: string) => void
}
