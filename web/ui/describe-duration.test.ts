import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeDuration } from './describe-duration.ts'

test('describeDuration tells the two units that matter', () => {
  const samples: readonly (readonly [number, string])[] = [
    [0, '0.0 s'],
    [-5, '0.0 s'],
    [430, '0.4 s'],
    [42_000, '42 s'],
    [59_800, '1 min'],
    [200_000, '3 min 20 s'],
    [3_599_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [76 * 3600_000, '3 d 4 h'],
  ]
  for (const [durationMs, text] of samples) assert.equal(describeDuration(durationMs), text)
})
