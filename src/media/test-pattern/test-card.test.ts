import assert from 'node:assert/strict'
import { test } from 'node:test'
import { glyphOf, missingGlyph } from './font.ts'
import { foreign, printable } from './printable.ts'
import { TestCard } from './test-card.ts'
import { decodeTimeBarcode, type RgbaImage } from './time-barcode.ts'
import type { YuvPlanes } from './yuv-canvas.ts'

function grey({ width, height, y }: YuvPlanes): RgbaImage {
  return { width, height, data: Uint8Array.from({ length: width * height * 4 }, (_, at) => y[at >> 2] ?? 0) }
}

function differing(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((count, value, at) => count + (value === b[at] ? 0 : 1), 0)
}

test('TestCard shows the time of each drawing in its barcode, at any size', () => {
  for (const [width, height] of [
    [1280, 720],
    [640, 360],
    [1024, 768],
    [320, 180],
    [720, 1280],
  ] as const) {
    const card = new TestCard(width, height, { title: 'Title', lines: ['one', 'two'] })
    for (const epochMs of [1_763_690_000_123, 1_763_690_000_999]) {
      assert.equal(decodeTimeBarcode(grey(card.draw(1, epochMs))), epochMs % 2 ** 32, `${width}x${height}`)
    }
  }
})

test('TestCard moves with every picture, and draws only a small part anew', () => {
  const card = new TestCard(640, 360, { title: 'Title', lines: [] })
  const before = Uint8Array.from(card.draw(1, 1_763_690_000_100).y)
  const after = card.draw(2, 1_763_690_000_133).y
  const changed = differing(before, after)
  assert.ok(changed > 100 && changed < before.length / 10, `${changed} pixels changed`)
})

test('TestCard with other words looks like a card made with them', () => {
  const words = { title: 'Other', lines: ['words'] }
  const changed = new TestCard(640, 360, { title: 'Long title at first', lines: ['a', 'b', 'c'] })
  changed.draw(1, 5_000)
  changed.setText(words)
  assert.equal(differing(changed.draw(2, 6_000).y, new TestCard(640, 360, words).draw(2, 6_000).y), 0)
})

test('TestCard takes any text without failing', () => {
  const words = { title: 'x'.repeat(500), lines: ['\u{1f4a1}\u0000\n', '', 'ß'.repeat(500)] }
  assert.doesNotThrow(() => new TestCard(64, 36, words).draw(Number.MAX_SAFE_INTEGER, 0))
})

test('printable folds accents and typographic signs, and marks what is foreign', () => {
  assert.equal(printable('Müller – “Søn” ß…\n'), 'Muller - "Son" ss... ')
  assert.equal(printable('日本'), foreign + foreign)
})

test('every printable ASCII character has a glyph of its own', () => {
  const codes = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
  const shapes = new Set(codes.map((character) => JSON.stringify(glyphOf(character))))
  assert.equal(shapes.size, 95)
  assert.deepEqual(glyphOf(foreign), missingGlyph)
})
