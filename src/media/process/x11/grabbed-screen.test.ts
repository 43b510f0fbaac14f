import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawCursor } from './grabbed-screen.ts'

const opaque = [0xff, 0x80, 0, 0xff]
const half = [0x40, 0x40, 0x40, 0x80]
const clear = [0, 0, 0, 0]

test('drawCursor lays the pointer over the pixels, from its hot spot, and cuts it at the edges', () => {
  const pixels = Buffer.alloc(3 * 2 * 4, 100)
  const cursor = { x: 1, y: 0, xhot: 1, yhot: 1, width: 2, height: 2 }
  // Of its two rows only the second lies on the screen.
  drawCursor(pixels, 3, 2, { ...cursor, cursorImage: Buffer.from([...opaque, ...opaque, ...opaque, ...half]) })
  assert.deepEqual([...pixels.subarray(0, 3)], [255, 0x80, 0])
  assert.deepEqual([...pixels.subarray(4, 7)], [114, 114, 114])
  assert.deepEqual(
    [...pixels.subarray(8)],
    Array.from({ length: 16 }, () => 100),
  )
  const before = Buffer.from(pixels)
  drawCursor(pixels, 3, 2, {
    ...cursor,
    x: 9,
    y: 9,
    cursorImage: Buffer.from([...opaque, ...opaque, ...opaque, ...half]),
  })
  drawCursor(pixels, 3, 2, { ...cursor, cursorImage: Buffer.from([...clear, ...clear, ...clear, ...clear]) })
  assert.deepEqual(pixels, before)
})
