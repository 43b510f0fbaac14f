/** One picture of what a producer shows, small, as a JPEG. */
export interface Still {
  readonly jpeg: Uint8Array
  readonly width: number
  readonly height: number
  /** When the screen was like this, in microseconds of the monotonic clock. */
  readonly captureUs: number
}

/** A still is no wider and no higher, in pixels. */
export const stillSide = 480
