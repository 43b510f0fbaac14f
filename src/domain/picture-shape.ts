import { sameSize, type Size } from './size.ts'

/** Pictures of exactly this size, and so many a second at most. The source's aspect is kept, with black bars. */
export interface PictureShape extends Size {
  readonly maxFps: number
}

/** What somebody gets who asked for a shape. */
export interface ShapeOffer {
  readonly asked: PictureShape
  /** The nearest that there is while there is no room to encode what was asked; undefined is as the path carries it. */
  readonly given: PictureShape | undefined
  /** A sentence for people when it is not what was asked for. */
  readonly reason: string | undefined
}

/** Of a shape; both of the largest sides at once would be more than {@link mostShapePixels}. */
export const smallestShapeSide = 64
export const largestShapeSide = 4096
export const mostShapePixels = 4096 * 2304
export const mostShapeFps = 240

export function sameShape(a: PictureShape | undefined, b: PictureShape | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && sameSize(a, b) && a.maxFps === b.maxFps)
}
