import { glyphHeight, glyphOf, glyphWidth } from './font.ts'

/** How much of each pixel a shape covers, 0 to 255. Sides are even. */
export interface Mask {
  readonly width: number
  readonly height: number
  readonly coverage: Uint8Array
}

/** A mask from a function that gives the coverage, 0 to 1 and clamped to that, at the middle of a pixel. */
export function drawMask(width: number, height: number, coverageAt: (x: number, y: number) => number): Mask {
  const evenWidth = evenUp(width)
  const evenHeight = evenUp(height)
  const coverage = new Uint8Array(evenWidth * evenHeight)
  for (let y = 0; y < evenHeight; y++) {
    for (let x = 0; x < evenWidth; x++) {
      coverage[y * evenWidth + x] = Math.round(255 * clamp(coverageAt(x + 0.5, y + 0.5)))
    }
  }
  return { width: evenWidth, height: evenHeight, coverage }
}

/** A disc with soft edges in a square of `2 * radius + 2` pixels. */
export function discMask(radius: number): Mask {
  const middle = radius + 1
  return drawMask(2 * middle, 2 * middle, (x, y) => radius + 0.5 - Math.hypot(x - middle, y - middle))
}

/** A circle's line of the given thickness. */
export function ringMask(radius: number, thickness: number): Mask {
  const middle = radius + thickness
  return drawMask(2 * middle, 2 * middle, (x, y) => {
    return (thickness + 1) / 2 - Math.abs(Math.hypot(x - middle, y - middle) - radius)
  })
}

/** Dots this full of their neighbours count as drawn: low enough that diagonal strokes hold together. */
const strokeThreshold = 0.42

/**
 * A character with dots of `dotSize` pixels, in a cell of {@link glyphCell} dots. The dots are samples of a field that is
 * interpolated and cut at a threshold, which gives round strokes at any size.
 */
export function glyphMask(character: string, dotSize: number): Mask {
  const glyph = glyphOf(character)
  const dot = (column: number, row: number) => {
    if (column < 0 || column >= glyphWidth) return 0
    return ((glyph[row] ?? 0) >> (glyphWidth - 1 - column)) & 1
  }
  return drawMask(glyphCell.width * dotSize, glyphCell.height * dotSize, (x, y) => {
    const across = x / dotSize - 1
    const down = y / dotSize - 1
    const column = Math.floor(across)
    const row = Math.floor(down)
    const dx = across - column
    const dy = down - row
    const above = dot(column, row) * (1 - dx) + dot(column + 1, row) * dx
    const below = dot(column, row + 1) * (1 - dx) + dot(column + 1, row + 1) * dx
    return (above * (1 - dy) + below * dy - strokeThreshold) * dotSize * 1.2 + 0.5
  })
}

/** A glyph with the space around it, in dots. */
export const glyphCell = { width: glyphWidth + 1, height: glyphHeight + 1 } as const

function evenUp(value: number): number {
  return Math.ceil(value / 2) * 2
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
