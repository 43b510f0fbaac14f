import type { Size } from './display.ts'
import { DisplayError } from './display-error.ts'

export const smallestSize: Size = { width: 320, height: 240 }
export const largestSize: Size = { width: 3840, height: 2160 }

/** The size a display takes when it is asked for this one: whole and even, as encoders need it. Throws `resize-failed`. */
export function displaySize(asked: Size): Size {
  const size = { width: even(asked.width), height: even(asked.height) }
  if (!isWithin(size.width, 'width') || !isWithin(size.height, 'height')) {
    throw new DisplayError(
      'resize-failed',
      `Cannot make a display of ${asked.width}x${asked.height}: ` +
        `it can have ${sizeText(smallestSize)} to ${sizeText(largestSize)}`,
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
  return pixels >= smallestSize[side] && pixels <= largestSize[side]
}
