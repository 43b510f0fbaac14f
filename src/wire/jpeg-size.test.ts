import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { jpegOf } from '../../test/support/jpeg-of.ts'
import { jpegSize } from './jpeg-size.ts'

test('jpegSize reads the size in the head of the frame, behind whatever stands before it', () => {
  assert.deepEqual(jpegSize(jpegOf(480, 270)), { width: 480, height: 270 })
  // A comment that has the head of another frame in it.
  const comment = Uint8Array.of(0xff, 0xfe, 0, 12, 0xff, 0xc0, 0, 17, 8, 0xff, 0xff, 0xff, 0xff, 3)
  const jpeg = jpegOf(16, 9)
  const commented = Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)])
  assert.deepEqual(jpegSize(commented), { width: 16, height: 9 })
})

test('jpegSize makes nothing of what is no JPEG, or is cut off, or says no height', () => {
  const jpeg = jpegOf(480, 270)
  for (let length = 0; length < 11; length++) assert.equal(jpegSize(jpeg.subarray(0, length)), undefined, `${length}`)
  assert.equal(jpegSize(jpegOf(480, 0)), undefined)
  assert.equal(jpegSize(new TextEncoder().encode('<svg onload="alert(1)"/>')), undefined)
  assert.equal(jpegSize(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0)), undefined, 'no end of it')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      jpegSize(Uint8Array.of(0xff, 0xd8, ...bytes))
      return jpegSize(bytes.map((byte, at) => (at === 0 ? 0 : byte))) === undefined
    }),
  )
})
