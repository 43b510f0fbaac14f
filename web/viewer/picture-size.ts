export const pictureSizes = ['1024x768', '1280x720', '1280x800', '1600x900', '1920x1080', '2560x1440'] as const

/** The screen that fills a window exactly: even, as encoders want it, and within what a lobby can be. */
export function fittingSize(widthPx: number, heightPx: number): { width: number; height: number } {
  return { width: even(widthPx, 320, 7680), height: even(heightPx, 240, 7680) }
}

function even(lengthPx: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.floor(lengthPx / 2) * 2))
}
