import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { letterbox, pointWithin } from './letterbox.ts'

const hd = { width: 1280, height: 720 }

test('letterbox fills a frame of the same shape, and puts bars where the shapes differ', () => {
  assert.deepEqual(letterbox(hd, { width: 640, height: 360 }), { x: 0, y: 0, width: 640, height: 360 })
  assert.deepEqual(letterbox(hd, { width: 1920, height: 1080 }), { x: 0, y: 0, width: 1920, height: 1080 })
  assert.deepEqual(letterbox(hd, { width: 800, height: 600 }), { x: 0, y: 74, width: 800, height: 450 })
  assert.deepEqual(letterbox({ width: 1024, height: 768 }, hd), { x: 160, y: 0, width: 960, height: 720 })
  assert.deepEqual(letterbox({ width: 1366, height: 768 }, { width: 640, height: 360 }), {
    x: 0,
    y: 0,
    width: 640,
    height: 360,
  })
})

test('letterbox keeps the aspect, in even numbers, inside of any frame', () => {
  const side = fc.integer({ min: 1, max: 2_048 }).map((half) => half * 2)
  const sides = fc.record({ width: side, height: side })
  fc.assert(
    fc.property(sides, sides, (source, frame) => {
      const { x, y, width, height } = letterbox(source, frame)
      for (const number of [x, y, width, height]) assert.equal(number % 2, 0)
      assert.ok(x >= 0 && y >= 0 && x + width <= frame.width && y + height <= frame.height)
      assert.ok(width === frame.width || height === frame.height, 'it touches two edges')
      const scale = Math.min(frame.width / source.width, frame.height / source.height)
      for (const [length, exact] of [
        [width, source.width * scale],
        [height, source.height * scale],
      ] as const) {
        assert.ok(Math.abs(length - exact) <= 1 || length === 2, `${length} for ${exact}`)
      }
    }),
  )
})

test('a point of a letterboxed picture is one of the source, on the bars one of its edge', () => {
  const frame = { width: 800, height: 600 }
  const content = letterbox(hd, frame)
  assert.deepEqual(pointWithin(content, frame, 0.5, 0.5), { x: 0.5, y: 0.5 + 1 / 450 })
  assert.deepEqual(pointWithin(content, frame, 0, 74 / 600), { x: 0, y: 0 })
  assert.deepEqual(pointWithin(content, frame, 1, 1), { x: 1, y: 1 })
  assert.deepEqual(pointWithin(content, frame, 0.25, 0), { x: 0.25, y: 0 })
})
