import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { isNewer, nextSequence, sequenceDistance, SequenceUnwrapper } from './sequence-number.ts'

const sequence = fc.integer({ min: 0, max: 0xffff })

test('isNewer follows the order of sending when the numbers wrap', () => {
  assert.equal(isNewer(1, 0), true)
  assert.equal(isNewer(0, 65_535), true)
  assert.equal(isNewer(65_535, 0), false)
  assert.equal(isNewer(7, 7), false)
  assert.equal(nextSequence(65_535), 0)
})

test('sequenceDistance is the step that was made, for every step below half of the numbers', () => {
  fc.assert(
    fc.property(sequence, fc.integer({ min: -0x8000, max: 0x7fff }), (from, step) => {
      assert.equal(sequenceDistance(from, (from + step) & 0xffff), step)
    }),
  )
})

test('SequenceUnwrapper gives back the numbers before they were cut when they are out of order by less than half', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 20_000 }), { maxLength: 200 }), (steps) => {
      const unwrapper = new SequenceUnwrapper()
      let newest = 40_000
      assert.equal(unwrapper.unwrap(newest), newest)
      for (const step of steps) {
        const sent = newest + step
        assert.equal(unwrapper.unwrap(sent & 0xffff), sent)
        newest = Math.max(newest, sent)
      }
    }),
  )
})
