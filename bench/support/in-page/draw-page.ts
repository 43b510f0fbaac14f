import type { DrawnPage } from '../bench-viewer.ts'
import { textPage } from '../text-page.ts'

const looks = {
  terminal: { paper: '#1e1e1e', ink: '#d4d4d4', font: '14px "DejaVu Sans Mono", monospace', lineHeight: 17, left: 4 },
  document: { paper: '#ffffff', ink: '#000000', font: '16px "DejaVu Serif", serif', lineHeight: 22, left: 64 },
} as const

/** One byte of grey for each pixel, row by row; text is drawn by this browser, with smooth edges. */
export function drawPage(page: DrawnPage, width: number, height: number): Uint8Array<ArrayBuffer> {
  if (page.kind === 'signs') return textPage(page.seed, width, height)
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('Cannot draw a page: this browser has no canvas')
  const { paper, ink, font, lineHeight, left } = looks[page.kind]
  context.fillStyle = paper
  context.fillRect(0, 0, width, height)
  context.fillStyle = ink
  context.font = font
  for (const [index, line] of page.lines.entries()) context.fillText(line, left, (index + 1) * lineHeight)
  const { data } = context.getImageData(0, 0, width, height)
  return Uint8Array.from({ length: width * height }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = [data[at * 4], data[at * 4 + 1], data[at * 4 + 2]]
    return Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue)
  })
}
