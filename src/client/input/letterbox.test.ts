import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { fractionsIn, pictureBox } from './letterbox.ts'

const window = { x: 0, y: 0, width: 1280, height: 800 }

test('pictureBox leaves bars above and below a wider picture, and beside a narrower one', () => {
  assert.deepEqual(pictureBox(window, { width: 1280, height: 720 }), { x: 0, y: 40, width: 1280, height: 720 })
  assert.deepEqual(pictureBox(window, { width: 800, height: 800 }), { x: 240, y: 0, width: 800, height: 800 })
})

test('pictureBox is the element itself before there is a picture', () => {
  assert.equal(pictureBox(window, { width: 0, height: 0 }), window)
})

test('pictureBox keeps the shape, the middle and the element around it', () => {
  const length = fc.integer({ min: 1, max: 5000 })
  fc.assert(
    fc.property(length, length, length, length, (width, height, pictureWidth, pictureHeight) => {
      const element = { x: 7, y: -3, width, height }
      const box = pictureBox(element, { width: pictureWidth, height: pictureHeight })
      assert.ok(Math.abs(box.width * pictureHeight - box.height * pictureWidth) < 1e-6 * pictureWidth * pictureHeight)
      assert.ok(box.width <= width + 1e-9 && box.height <= height + 1e-9)
      assert.ok(Math.abs(box.x + box.width / 2 - (7 + width / 2)) < 1e-9)
      assert.ok(Math.abs(box.y + box.height / 2 - (-3 + height / 2)) < 1e-9)
    }),
  )
})

test('fractionsIn means the middle of a pixel, and stays on the edge outside', () => {
  const box = { x: 100, y: 40, width: 200, height: 100 }
  assert.deepEqual(fractionsIn(box, 100, 40, 1), { x: 0, y: 0 })
  assert.deepEqual(fractionsIn(box, 200, 90, 1), { x: 0.5025, y: 0.505 })
  assert.deepEqual(fractionsIn(box, 299, 139, 1), { x: 1, y: 1 })
  assert.deepEqual(fractionsIn(box, 299, 139, 0.5), { x: 0.99625, y: 0.9925 })
  assert.deepEqual(fractionsIn(box, 0, 1000, 1), { x: 0, y: 1 })
  assert.deepEqual(fractionsIn({ ...box, width: 0 }, 100, 40, 1), { x: 0, y: 0 })
})

/** As the wire has it, and the host takes it. */
const columnOf = (fraction: number, side: number) =>
  Math.min(side - 1, Math.floor((Math.round(fraction * 65_535) / 65_535) * side + side / 131_070 + 1e-6))

test('fractionsIn names every pixel of a picture that is shown one to one, at every pixel ratio', () => {
  for (const ratio of [1, 1.25, 1.5, 2, 3]) {
    for (const width of [640, 1366, 1920, 3840, 7680]) {
      const box = { x: 0, y: 0, width: width / ratio, height: 1 }
      const off = Array.from({ length: width }, (_, column) => column).filter(
        (column) => columnOf(fractionsIn(box, column / ratio, 0, 1 / ratio).x, width) !== column,
      )
      assert.deepEqual(off, [], `${width} wide, ratio ${ratio}`)
    }
  }
})

test('fractionsIn reaches both edges and never points beside the pixel, at every scale', () => {
  const side = fc.integer({ min: 16, max: 4000 })
  fc.assert(
    fc.property(side, side, fc.constantFrom(1, 1.25, 2), (shown, picture, ratio) => {
      const at = (pixel: number) =>
        columnOf(fractionsIn({ x: 0, y: 0, width: shown / ratio, height: 1 }, pixel / ratio, 0, 1 / ratio).x, picture)
      assert.equal(at(0), 0)
      assert.equal(at(shown - 1), picture - 1)
      for (const pixel of [1, shown >> 1, shown - 2]) {
        const [first, last] = [(pixel * picture) / shown, ((pixel + 1) * picture) / shown]
        assert.ok(at(pixel) >= Math.floor(first) - 1e-9 && at(pixel) <= last, `${pixel} of ${shown} over ${picture}`)
      }
    }),
  )
})
