import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../../test/support/fast-check.ts'
import { toneSamples } from '../../../testing/voice.ts'
import { Limiter } from './limiter.ts'

test('Limiter leaves what is not too loud as it is, to the last bit', () => {
  const limiter = new Limiter()
  for (let at = 0; at < 10; at++) {
    const samples = toneSamples(440, at * 480, 480, 1)
    const before = Float32Array.from(samples)
    limiter.limit(samples)
    assert.deepEqual(samples, before)
  }
})

test('Limiter turns what is too loud down without bending it, and up again within a second', () => {
  const limiter = new Limiter()
  let clipped = 0
  for (let at = 0; at < 50; at++) {
    const samples = toneSamples(440, at * 480, 480, 1.8)
    limiter.limit(samples)
    if (at > 0) clipped += samples.filter((sample) => Math.abs(sample) >= 1).length
  }
  assert.ok(clipped <= 100, `${clipped} samples at full scale: a sine touches it twice in each period`)
  for (let at = 0; at < 100; at++) limiter.limit(toneSamples(440, at * 480, 480, 0.5))
  const samples = toneSamples(440, 0, 480, 0.5)
  const before = Float32Array.from(samples)
  limiter.limit(samples)
  assert.deepEqual(samples, before)
})

test('Limiter never lets more than full scale pass', () => {
  const piece = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 1, maxLength: 100 })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const limiter = new Limiter()
      for (const one of pieces) {
        const samples = Float32Array.from(one)
        limiter.limit(samples)
        assert.ok(samples.every((sample) => Math.abs(sample) <= 1))
      }
    }),
  )
})
