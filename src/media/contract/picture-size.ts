import { sameSize, type Size } from '../../domain/size.ts'

/** Divides both sides of a picture. */
export type Shrink = 1 | 2 | 4

/** A size that pictures of a source are wanted in: the source's own, divided, or a fixed one that they are fitted into. */
export type PictureSize = Shrink | Size

/** What a picture of the source measures in this size. Sides are even, as 4:2:0 needs it. */
export function sidesOf(size: PictureSize, source: Size): Size {
  if (typeof size === 'number') {
    return { width: even(source.width / size), height: even(source.height / size) }
  }
  return { width: even(size.width), height: even(size.height) }
}

export function isSamePictureSize(a: PictureSize, b: PictureSize): boolean {
  return typeof a === 'number' || typeof b === 'number' ? a === b : sameSize(a, b)
}

function even(length: number): number {
  return Math.max(2, Math.floor(length / 2) * 2)
}
