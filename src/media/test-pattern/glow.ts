import type { Color } from './color.ts'
import type { YuvCanvas } from './yuv-canvas.ts'

const strength = 26
const falloff = 2.2

/** Ordered dither for two by two pixels: hides the steps that 8 bits would show in so slow a gradient. */
const dither = [0, 0.75, 0.5, 0.25] as const

/** Fills the canvas with a dark ground and a lamp's warm glow in the upper right. */
export function drawGlow(canvas: YuvCanvas, ground: Color): void {
  const { width, height } = canvas
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const across = (x - width) / height + 0.28
      const down = y / height - 0.3
      const glow = Math.exp(-(across * across + down * down) * falloff) * strength
      const at = y * width + x
      canvas.y[at] = ground.y + glow + dither[0]
      canvas.y[at + 1] = ground.y + glow + dither[1]
      canvas.y[at + width] = ground.y + glow + dither[2]
      canvas.y[at + width + 1] = ground.y + glow + dither[3]
      const chromaAt = (y * width) / 4 + x / 2
      canvas.u[chromaAt] = Math.round(ground.u - glow * 0.35)
      canvas.v[chromaAt] = Math.round(ground.v + glow * 0.28)
    }
  }
}
