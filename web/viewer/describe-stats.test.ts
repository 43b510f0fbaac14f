import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeHeard, describeRate } from './describe-stats.ts'

test('describeHeard tells that surround sound is mixed down for a browser', () => {
  const rate = describeRate(128_000)
  assert.equal(describeHeard(128_000, undefined), rate)
  assert.equal(describeHeard(128_000, { soundLayout: null }), rate)
  assert.equal(describeHeard(128_000, { soundLayout: 'stereo' }), rate)
  assert.equal(describeHeard(128_000, { soundLayout: '7.1' }), `${rate}, stereo of 7.1`)
})
