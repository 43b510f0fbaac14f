import { colorOf, type Color } from './color.ts'
import { discMask, glyphCell, glyphMask, ringMask, type Mask } from './mask.ts'
import { printable } from './printable.ts'
import { barcodeCellWidth, barcodeHeight, barcodeLeft, barcodeTop, encodeTimeBarcode } from './time-barcode.ts'
import { drawGlow } from './glow.ts'
import { YuvCanvas, type YuvPlanes } from './yuv-canvas.ts'

const night = colorOf(0x0b0d12)
const slate = colorOf(0x232838)
const lamplight = colorOf(0xffb454)
const paper = colorOf(0xf2ead9)
const ash = colorOf(0x9aa2b4)
const chips = [0xb5b5b5, 0xb5a642, 0x3fa3a3, 0x4b9b58, 0x9b4b90, 0xb0483f, 0x3f5bb0, 0x2a2f3d].map(colorOf)

/** The layout is designed for this height and scaled to the picture's. */
const designHeight = 720
const margin = 72
const ring = { radius: 104, thickness: 4, dot: 11, trail: 36, right: 212, middle: 252 } as const
const clock = { top: 540, dots: 5 } as const
const longestTitleDots = 9

/** What changes in a card's text. */
export interface CardText {
  readonly title: string
  readonly lines: readonly string[]
}

/**
 * A calm test card: title and reason, a lamp's glow, a light that goes round once a second and passes the top on the
 * second, the wall time, a frame counter and a {@link encodeTimeBarcode time barcode}. What stands still is drawn once;
 * a frame draws only what moves.
 */
export class TestCard {
  readonly #canvas: YuvCanvas
  readonly #still: YuvCanvas
  readonly #scale: number
  readonly #glyphs = new Map<string, Mask>()
  readonly #ringDots: readonly Mask[]
  #clockShown = ''
  #counterShown = ''

  /** Throws RangeError unless both sides are even. */
  constructor(width: number, height: number, text: CardText) {
    this.#scale = Math.min(height / designHeight, width / 1280)
    this.#canvas = new YuvCanvas(width, height)
    this.#still = new YuvCanvas(width, height)
    this.#ringDots = Array.from({ length: ring.trail }, (_, age) =>
      discMask(this.#px(ring.dot) * (1 - (age / ring.trail) * 0.75)),
    )
    this.setText(text)
  }

  /** Draws the card anew with other words. */
  setText(text: CardText): void {
    this.#drawStill(text)
    this.#canvas.restore(this.#still, 0, 0, this.#canvas.width, this.#canvas.height)
    this.#clockShown = ''
    this.#counterShown = ''
  }

  /** The card at a moment. The planes are valid, and the same, until the next call. */
  draw(frame: number, epochMs: number): YuvPlanes {
    this.#drawRing((epochMs % 1000) / 1000)
    this.#drawReadings(frame, epochMs)
    this.#drawBarcode(epochMs)
    return this.#canvas
  }

  #drawStill({ title, lines }: CardText): void {
    const still = this.#still
    drawGlow(still, night)
    this.#write(still, 'PORCHLIGHT', margin, 64, 2, lamplight, 2)
    const shownTitle = printable(title)
    const room = this.#designWidth - 2 * margin - 2 * ring.right + 60
    const fit = Math.floor(room / (Math.max(1, shownTitle.length) * glyphCell.width))
    const titleDots = Math.max(3, Math.min(longestTitleDots, fit))
    this.#write(still, shownTitle, margin, 132, titleDots, paper)
    const firstLine = 132 + titleDots * glyphCell.height + 24
    for (const [row, text] of lines.entries()) {
      this.#write(still, printable(text), margin, firstLine + row * 44, 3, ash)
    }
    const { radius, thickness } = ring
    const circle = ringMask(this.#px(radius), this.#px(thickness))
    const { x, y } = this.#ringMiddle
    still.blend(circle, x - circle.width / 2, y - circle.height / 2, slate)
    const chipWidth = (2 * radius) / chips.length
    for (const [index, color] of chips.entries()) {
      still.fill(
        x - this.#px(radius) + this.#px(index * chipWidth),
        y + this.#px(radius + 44),
        this.#px(chipWidth),
        this.#px(12),
        color,
      )
    }
  }

  #drawRing(turn: number): void {
    const { x, y } = this.#ringMiddle
    const radius = this.#px(ring.radius)
    const reach = radius + this.#px(ring.dot) + 4
    this.#canvas.restore(this.#still, x - reach, y - reach, 2 * reach, 2 * reach)
    for (let age = ring.trail - 1; age >= 0; age--) {
      const mask = this.#ringDots[age]
      if (!mask) continue
      const angle = 2 * Math.PI * (turn - age * 0.006)
      const left = x + radius * Math.sin(angle) - mask.width / 2
      const top = y - radius * Math.cos(angle) - mask.height / 2
      this.#canvas.blend(
        mask,
        Math.round(left),
        Math.round(top),
        lamplight,
        age === 0 ? 1 : 0.22 * (1 - age / ring.trail),
      )
    }
    const second = String(Math.floor(turn * 100)).padStart(2, '0')
    this.#writeAt(this.#canvas, second, x - this.#px(glyphCell.width * 6), y - this.#px(24), 6, ash)
  }

  #drawReadings(frame: number, epochMs: number): void {
    const time = timeOfDay(epochMs)
    this.#rewrite(time, this.#clockShown, this.#px(margin), paper)
    this.#clockShown = time
    const counter = `#${String(frame).padStart(8, '0')}`
    const left = this.#canvas.width - this.#px(margin + counter.length * glyphCell.width * clock.dots)
    this.#rewrite(counter, this.#counterShown, left, lamplight)
    this.#counterShown = counter
  }

  /** Draws the characters that differ from those shown. */
  #rewrite(text: string, shown: string, left: number, color: Color): void {
    const advance = this.#px(glyphCell.width * clock.dots)
    const top = this.#px(clock.top)
    for (const [index, character] of Array.from(text).entries()) {
      if (character === shown[index]) continue
      const x = left + index * advance
      this.#canvas.restore(this.#still, x, top, advance, this.#px(glyphCell.height * clock.dots))
      this.#writeAt(this.#canvas, character, x, top, clock.dots, color)
    }
  }

  #drawBarcode(epochMs: number): void {
    const { width, height } = this.#canvas
    const top = barcodeTop * height
    for (const [cell, white] of encodeTimeBarcode(epochMs).entries()) {
      const left = Math.round((barcodeLeft + cell * barcodeCellWidth) * width)
      const right = Math.round((barcodeLeft + (cell + 1) * barcodeCellWidth) * width)
      this.#canvas.fill(left, top, right - left, barcodeHeight * height, white ? paper : night)
    }
  }

  #write(canvas: YuvCanvas, text: string, x: number, y: number, dots: number, color: Color, spread = 1): void {
    this.#writeAt(canvas, text, this.#px(x), this.#px(y), dots, color, spread)
  }

  /** Writes from a corner in pixels of the picture; dots are in design pixels, `spread` widens the advance. */
  #writeAt(canvas: YuvCanvas, text: string, x: number, y: number, dots: number, color: Color, spread = 1): void {
    const advance = this.#px(glyphCell.width * dots * spread)
    for (const [index, character] of Array.from(text).entries()) {
      canvas.blend(this.#glyph(character, dots), x + index * advance, y, color)
    }
  }

  #glyph(character: string, dots: number): Mask {
    const key = `${dots} ${character}`
    let mask = this.#glyphs.get(key)
    if (!mask) {
      mask = glyphMask(character, Math.max(1, dots * this.#scale))
      this.#glyphs.set(key, mask)
    }
    return mask
  }

  get #designWidth(): number {
    return this.#canvas.width / this.#scale
  }

  get #ringMiddle(): { x: number; y: number } {
    return { x: this.#canvas.width - this.#px(margin + ring.right - ring.radius), y: this.#px(ring.middle) }
  }

  #px(design: number): number {
    return Math.round(design * this.#scale)
  }
}

/** `23:59:59.999` in local time. */
function timeOfDay(epochMs: number): string {
  const date = new Date(epochMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const seconds = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
