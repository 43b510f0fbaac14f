import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecStringOf } from './codec-string.ts'

test('codecStringOf reads profile and level from the parameter set of a key picture', () => {
  const key = Uint8Array.of(0, 0, 0, 1, 9, 0x10, 0, 0, 1, 0x67, 0x42, 0xc0, 0x28, 0x8c, 0, 0, 1, 0x65, 1)
  assert.equal(codecStringOf({ codec: 'h264', data: key }), 'avc1.42c028')
  assert.equal(codecStringOf({ codec: 'h264', data: Uint8Array.of(0, 0, 1, 0x67) }), 'avc1.42e01f')
  assert.equal(codecStringOf({ codec: 'vp8', data: key }), 'vp8')
})
