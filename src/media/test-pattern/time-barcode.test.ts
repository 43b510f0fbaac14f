import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import {
  barcodeAgeMs,
  barcodeCellWidth,
  barcodeHeight,
  barcodeLeft,
  barcodeTop,
  decodeTimeBarcode,
  encodeTimeBarcode,
  type RgbaImage,
} from './time-barcode.ts'

interface Levels {
  readonly white: number
  readonly black: number
}

/** A grey picture with the cells painted on it. */
function paint(cells: readonly boolean[], width: number, height: number, { white, black }: Levels): RgbaImage {
  const data = new Uint8Array(width * height * 4).fill(90)
  for (let y = Math.round(barcodeTop * height); y < (barcodeTop + barcodeHeight) * height; y++) {
    for (const [cell, isWhite] of cells.entries()) {
      const right = Math.round((barcodeLeft + (cell + 1) * barcodeCellWidth) * width)
      for (let x = Math.round((barcodeLeft + cell * barcodeCellWidth) * width); x < right; x++) {
        data.fill(isWhite ? white : black, (y * width + x) * 4, (y * width + x) * 4 + 3)
      }
    }
  }
  return { width, height, data }
}

const levels = fc.record({ white: fc.integer({ min: 150, max: 255 }), black: fc.integer({ max: 80, min: 0 }) })
const time = fc.nat(2 ** 52)

test('decodeTimeBarcode reads what encodeTimeBarcode wrote, at any size and contrast', () => {
  const sizes = fc.record({ width: fc.integer({ min: 320, max: 1000 }), height: fc.integer({ min: 180, max: 600 }) })
  fc.assert(
    fc.property(time, sizes, levels, (epochMs, { width, height }, contrast) => {
      const image = paint(encodeTimeBarcode(epochMs), width, height, contrast)
      assert.equal(decodeTimeBarcode(image), epochMs % 2 ** 32)
    }),
    { numRuns: 50 },
  )
})

test('decodeTimeBarcode finds no time on a plain picture or in a row with one wrong cell', () => {
  const contrast = { white: 230, black: 20 }
  for (const shade of [0, 128, 255]) {
    assert.equal(
      decodeTimeBarcode({ width: 640, height: 360, data: new Uint8Array(640 * 360 * 4).fill(shade) }),
      undefined,
    )
  }
  fc.assert(
    fc.property(time, fc.nat(43), (epochMs, wrong) => {
      const cells = encodeTimeBarcode(epochMs).map((cell, index) => (index === wrong ? !cell : cell))
      assert.equal(decodeTimeBarcode(paint(cells, 640, 360, contrast)), undefined)
    }),
    { numRuns: 50 },
  )
})

test('decodeTimeBarcode finds no time on a picture that is too small to hold one', () => {
  assert.equal(decodeTimeBarcode({ width: 1, height: 1, data: new Uint8Array(4) }), undefined)
})

test('barcodeAgeMs is right across the wrap of 32 bits, and negative for the future', () => {
  const epochMs = 400 * 2 ** 32 + 5
  assert.equal(barcodeAgeMs((epochMs - 100) % 2 ** 32, epochMs), 100)
  assert.equal(barcodeAgeMs((epochMs + 7) % 2 ** 32, epochMs), -7)
})
