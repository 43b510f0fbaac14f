import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
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

test('fractionsIn counts from edge to edge and stays on the edge outside', () => {
  const box = { x: 100, y: 40, width: 200, height: 100 }
  assert.deepEqual(fractionsIn(box, 100, 40), { x: 0, y: 0 })
  assert.deepEqual(fractionsIn(box, 200, 90), { x: 0.5, y: 0.5 })
  assert.deepEqual(fractionsIn(box, 0, 1000), { x: 0, y: 1 })
  assert.deepEqual(fractionsIn({ ...box, width: 0 }, 100, 40), { x: 0, y: 0 })
})
