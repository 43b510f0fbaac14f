import { largestSide, mostPixels, sizeText, smallestSize, type Size } from '../../domain/size.ts'
import { DisplayError } from './contract/display-error.ts'

/** The size a display takes when it is asked for this one: whole and even, as encoders need it. Throws `resize-failed`. */
export function displaySize(asked: Size): Size {
  const size = { width: even(asked.width), height: even(asked.height) }
  const isPossible = isWithin(size.width, 'width') && isWithin(size.height, 'height')
  if (!isPossible || size.width * size.height > mostPixels) {
    throw new DisplayError(
      'resize-failed',
      `Cannot make a display of ${asked.width}x${asked.height}: ` +
        `it can have ${sizeText(smallestSize)} to 7680x4320, upright too`,
    )
  }
  return size
}

function even(pixels: number): number {
  return Math.floor(pixels / 2) * 2
}

function isWithin(pixels: number, side: keyof Size): boolean {
  return pixels >= smallestSize[side] && pixels <= largestSide
}
