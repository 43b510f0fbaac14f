import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TokenBucket } from './token-bucket.ts'

test('TokenBucket gives a burst at once and its rate afterwards', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3, nowMs: 0 })
  const taken = (nowMs: number, tries: number) => Array.from({ length: tries }, () => bucket.take(nowMs))
  assert.deepEqual(taken(0, 4), [true, true, true, false])
  assert.deepEqual(taken(99, 1), [false])
  assert.deepEqual(taken(100, 2), [true, false])
  assert.deepEqual(taken(60_000, 4), [true, true, true, false])
})

test('TokenBucket takes no harm from a clock that stands still or goes back', () => {
  const bucket = new TokenBucket({ perSecond: 1, burst: 1, nowMs: 1000 })
  assert.equal(bucket.take(500), true)
  assert.equal(bucket.take(400), false)
})
