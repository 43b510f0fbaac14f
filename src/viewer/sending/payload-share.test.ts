import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PayloadShare } from './payload-share.ts'

test('PayloadShare is that of pictures that fill a path, and not of those of a screen at rest', () => {
  const share = new PayloadShare()
  assert.equal(share.value, undefined)
  share.add(200, 4248, 10_000_000)
  assert.equal(share.value, undefined)
  for (let pictures = 0; pictures < 300; pictures++) share.add(20_000, 25_000, 10_000_000)
  assert.ok(Math.abs((share.value ?? 0) - 0.8) < 0.001)
  for (let pictures = 0; pictures < 1000; pictures++) share.add(200, 4248, 10_000_000)
  assert.ok(Math.abs((share.value ?? 0) - 0.8) < 0.001)
  for (let pictures = 0; pictures < 300; pictures++) share.add(200, 4248, 500_000)
  assert.ok((share.value ?? 0) < 0.06, 'on a narrow path they fill it')
})
