import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monotonicClock, monotonicUs } from './monotonic.ts'

test('monotonicClock tells the times of monotonicUs', () => {
  const beforeUs = monotonicUs()
  const nowUs = monotonicClock.nowMs() * 1000
  assert.ok(nowUs >= beforeUs - 1 && nowUs <= monotonicUs() + 1)
})
