import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RateMeter } from './rate-meter.ts'

test('RateMeter tells the bits of the last second', () => {
  const meter = new RateMeter()
  for (let ms = 0; ms < 1000; ms += 10) meter.add(125, ms * 1000)
  assert.equal(meter.bitsPerSecond(999_000), 100_000)
  assert.equal(meter.bitsPerSecond(1_499_000), 50_000)
  assert.equal(meter.bitsPerSecond(60_000_000), 0)
})

test('RateMeter takes up again after any pause', () => {
  const meter = new RateMeter()
  meter.add(1000, 0)
  meter.add(1000, 500_000_000_000)
  assert.equal(meter.bitsPerSecond(500_000_000_000), 8000)
})
