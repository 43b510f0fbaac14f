import type { Size } from './display.ts'
import { DisplayError } from './display-error.ts'

export const smallestSize: Size = { width: 320, height: 240 }
/** Of each side; both at once would be more than {@link mostPixels}. */
export const largestSide = 7680
/** As many as 7680x4320 has. */
export const mostPixels = 7680 * 4320

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

/** For instance `1280x720`. */
export function sizeText(size: Size): string {
  return `${size.width}x${size.height}`
}

export function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height
}

function even(pixels: number): number {
  return Math.floor(pixels / 2) * 2
}

function isWithin(pixels: number, side: keyof Size): boolean {
  return pixels >= smallestSize[side] && pixels <= largestSide
}
