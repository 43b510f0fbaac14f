/** In pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** Of a screen. */
export const smallestSize: Size = { width: 320, height: 240 }
/** Of each side of a screen; both at once would be more than {@link mostPixels}. */
export const largestSide = 7680
/** As many as 7680x4320 has. */
export const mostPixels = 7680 * 4320

/** For instance `1280x720`. */
export function sizeText(size: Size): string {
  return `${size.width}x${size.height}`
}

export function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height
}
