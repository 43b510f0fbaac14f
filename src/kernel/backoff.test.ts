import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { Backoff, backoffDelayMs, type BackoffPolicy } from './backoff.ts'
import { ManualClock } from './manual-clock.ts'

const policy: BackoffPolicy = { baseDelayMs: 1000, maxDelayMs: 30_000, jitterFactor: 0.3, healthyAfterMs: 60_000 }

test('backoffDelayMs doubles from the base up to the cap when there is no jitter', () => {
  const delays = [0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffDelayMs(attempt, policy, 0.5))
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
})

test('backoffDelayMs stays within the jitter around the cap for every attempt', () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const delayMs = backoffDelayMs(attempt, policy, random)
      assert.ok(delayMs > 0 && delayMs <= policy.maxDelayMs * (1 + policy.jitterFactor))
    }),
  )
})

test('Backoff starts again only after a healthy while', () => {
  const clock = new ManualClock()
  const backoff = new Backoff(policy, clock, () => 0.5)
  assert.deepEqual([backoff.failed(), backoff.failed()], [1000, 2000])

  backoff.succeeded()
  clock.advance(59_999)
  assert.equal(backoff.failed(), 4000)

  backoff.succeeded()
  clock.advance(30_000)
  backoff.succeeded()
  clock.advance(30_000)
  assert.equal(backoff.failed(), 1000)
  assert.equal(backoff.attempt, 1)
})
