import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RestMeter } from './rest-meter.ts'

test('RestMeter adds up pauses that a viewer could see, the present one with them', () => {
  const meter = new RestMeter()
  assert.equal(meter.restMs(5_000_000), 0, 'there was no picture yet')
  for (let atMs = 0; atMs <= 1000; atMs += 100) meter.picture(atMs * 1000)
  assert.equal(meter.restMs(1_100_000), 0)
  assert.equal(meter.restMs(1_400_000), 400)
  meter.picture(2_000_000)
  meter.picture(2_016_000)
  assert.equal(meter.restMs(2_100_000), 1000)
})
