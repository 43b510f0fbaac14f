/** A colour in BT.709, limited range. */
export interface Color {
  readonly y: number
  readonly u: number
  readonly v: number
}

/** From sRGB, as in `0xffb454`. ITU-R BT.709-6, 8-bit limited range. */
export function colorOf(rgb: number): Color {
  const r = ((rgb >> 16) & 0xff) / 255
  const g = ((rgb >> 8) & 0xff) / 255
  const b = (rgb & 0xff) / 255
  const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
  return {
    y: Math.round(16 + 219 * luma),
    u: Math.round(128 + (224 * (b - luma)) / 1.8556),
    v: Math.round(128 + (224 * (r - luma)) / 1.5748),
  }
}
