import { seededRandom } from '../../src/kernel/seeded-random.ts'

const cell = { width: 8, height: 16 }
const glyph = { width: 6, height: 11 }
const glyphCount = 60
const spaceShare = 0.2

/**
 * A page that costs an encoder what text costs it: rows of small black signs on white, of an alphabet of their own. The seed decides all
 * of it. One byte of grey for each pixel, row by row.
 */
export function textPage(seed: number, width: number, height: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed)
  const glyphs = Array.from({ length: glyphCount }, () => {
    const strokes = new Uint8Array(glyph.width * glyph.height)
    for (let stroke = 0; stroke < 4; stroke++) {
      const isUpright = random() < 0.5
      const at = Math.floor(random() * (isUpright ? glyph.width : glyph.height))
      for (let along = 0; along < (isUpright ? glyph.height : glyph.width); along++) {
        strokes[isUpright ? along * glyph.width + at : at * glyph.width + along] = 1
      }
    }
    return strokes
  })
  const page = new Uint8Array(width * height).fill(255)
  for (let top = 2; top + glyph.height < height; top += cell.height) {
    for (let left = 2; left + glyph.width < width; left += cell.width) {
      if (random() < spaceShare) continue
      const strokes = glyphs[Math.floor(random() * glyphCount)] as Uint8Array
      for (let at = 0; at < strokes.length; at++) {
        const row = top + Math.floor(at / glyph.width)
        if (strokes[at] === 1) page[row * width + left + (at % glyph.width)] = 0
      }
    }
  }
  return page
}
