import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { bestPartition, worstShare } from './rate-partition.ts'

const rates = fc.array(fc.integer({ min: 50_000, max: 20_000_000 }), { minLength: 1, maxLength: 7 })

/** Every way to part falling values into exactly `count` runs. */
function* partitions(values: readonly number[], count: number): Generator<number[][]> {
  if (count === 1) {
    yield [[...values]]
    return
  }
  for (let cut = 1; cut <= values.length - count + 1; cut++) {
    for (const rest of partitions(values.slice(cut), count - 1)) yield [values.slice(0, cut), ...rest]
  }
}

test('bestPartition seats everybody once, in falling order', () => {
  fc.assert(
    fc.property(rates, (values) => {
      assert.deepEqual(
        bestPartition(values, 3, 0.6).flat(),
        values.toSorted((a, b) => b - a),
      )
    }),
  )
})

test('bestPartition uses the fewest groups that are fair, and none is fairer with three', () => {
  fc.assert(
    fc.property(rates, (values) => {
      const best = bestPartition(values, 3, 0.6)
      const falling = values.toSorted((a, b) => b - a)
      const fairest = (count: number) => Math.max(...[...partitions(falling, count)].map(worstShare))
      for (let count = 1; count < best.length; count++) assert.ok(fairest(count) < 0.6)
      assert.ok(Math.abs(worstShare(best) - fairest(best.length)) < 1e-9)
    }),
  )
})

test('bestPartition of nobody is nothing', () => {
  assert.deepEqual(bestPartition([], 3, 0.6), [])
})
