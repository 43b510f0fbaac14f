import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sidesOf } from './picture-size.ts'

test('sides of odd sources and odd wishes are even', () => {
  assert.deepEqual(sidesOf(1, { width: 1367, height: 769 }), { width: 1366, height: 768 })
  assert.deepEqual(sidesOf(4, { width: 1366, height: 768 }), { width: 340, height: 192 })
  assert.deepEqual(sidesOf({ width: 801, height: 451 }, { width: 1280, height: 720 }), { width: 800, height: 450 })
})
