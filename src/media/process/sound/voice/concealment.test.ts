import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../../test/support/fast-check.ts'
import { toneSamples } from '../../../testing/voice.ts'
import { Concealment } from './concealment.ts'

const steepest = (samples: Float32Array) =>
  samples.reduce((most, sample, index) => Math.max(most, Math.abs(sample - (samples[index - 1] ?? sample))), 0)

test('Concealment goes on with a tone as if nothing were missing, and comes back to it without a step', () => {
  for (const frequencyHz of [110, 200, 333]) {
    const concealment = new Concealment()
    const lost = new Float32Array(480)
    concealment.pass(toneSamples(frequencyHz, 0, 4800))
    concealment.conceal(lost)
    const expected = toneSamples(frequencyHz, 4800, 480)
    const error = Math.sqrt(lost.reduce((sum, sample, index) => sum + (sample - (expected[index] ?? 0)) ** 2, 0) / 480)
    assert.ok(error < 0.03, `${frequencyHz} Hz is missed by ${error}`)
    const after = toneSamples(frequencyHz, 5280, 480)
    concealment.pass(after)
    const whole = Float32Array.from([...toneSamples(frequencyHz, 4320, 480), ...lost, ...after])
    assert.ok(steepest(whole) < 2 * steepest(expected), `a step at ${frequencyHz} Hz`)
  }
})

test('Concealment fades away within 60 ms, and is silent from then on', () => {
  const concealment = new Concealment()
  assert.ok(concealment.silent)
  concealment.pass(toneSamples(200, 0, 4800))
  assert.ok(!concealment.silent)
  const lost = new Float32Array(4800)
  concealment.conceal(lost)
  assert.ok(concealment.silent)
  assert.ok(lost.subarray(0, 480).some((sample) => Math.abs(sample) > 0.25))
  assert.ok(lost.subarray(2880).every((sample) => sample === 0))
})

test('Concealment never makes more than it was given, whatever that was', () => {
  const sound = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(sound, fc.integer({ min: 1, max: 4000 }), sound, (before, missing, after) => {
      const concealment = new Concealment()
      concealment.pass(Float32Array.from(before))
      const lost = new Float32Array(missing)
      concealment.conceal(lost)
      const rest = Float32Array.from(after)
      concealment.pass(rest)
      for (const sample of [...lost, ...rest]) assert.ok(Number.isFinite(sample) && Math.abs(sample) <= 3)
    }),
  )
})
