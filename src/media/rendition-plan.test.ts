import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { bestPartition, worstShare } from './rate-partition.ts'
import {
  emptyPlan,
  fairShare,
  maxGroups,
  type PlannedViewer,
  planRenditions,
  type RenditionPlan,
} from './rendition-plan.ts'

const h264 = (id: number, megabits: number): PlannedViewer => ({
  id,
  codec: 'h264',
  family: 'h264',
  bitrateBps: megabits * 1e6,
})
const ascending = (a: number, b: number) => a - b
const idsOf = (viewers: readonly PlannedViewer[]) => viewers.map(({ id }) => id).toSorted(ascending)
const seats = ({ groups }: RenditionPlan) => groups.map(({ viewers }) => idsOf(viewers))

/** Plans as often as a plan asks for it, until a time. */
function settle(
  plan: RenditionPlan,
  viewers: readonly PlannedViewer[],
  fromMs: number,
  untilMs: number,
): RenditionPlan {
  let settled = planRenditions(plan, viewers, fromMs)
  for (let nowMs = settled.reviewAtMs; nowMs !== undefined && nowMs <= untilMs; nowMs = settled.reviewAtMs) {
    settled = planRenditions(settled, viewers, nowMs)
  }
  return settled
}

test('one viewer gets exactly its own rate', () => {
  let plan = emptyPlan
  for (const [index, megabits] of [3, 2.999, 8, 0.4].entries()) {
    plan = planRenditions(plan, [h264(1, megabits)], index)
    assert.deepEqual(
      plan.groups.map(({ id, bitrateBps }) => [id, bitrateBps]),
      [[1, megabits * 1e6]],
    )
  }
})

test('viewers of about the same rate share a rendition at the least of their rates', () => {
  const first = planRenditions(emptyPlan, [h264(1, 4)], 0)
  const plan = planRenditions(first, [h264(1, 4), h264(2, 6)], 1)
  assert.deepEqual(seats(plan), [[1, 2]])
  assert.equal(plan.groups[0]?.bitrateBps, 4e6)
})

test('a viewer with a much slower path gets a rendition of its own at once, and the others keep theirs', () => {
  const together = planRenditions(emptyPlan, [h264(1, 6), h264(2, 6), h264(3, 6)], 0)
  const plan = planRenditions(together, [h264(1, 6), h264(2, 1), h264(3, 6)], 2_000)
  assert.deepEqual(seats(plan), [[1, 3], [2]])
  assert.equal(plan.groups[0]?.id, together.groups[0]?.id)
})

test('a moderate dip lowers the group at once, and parts it only if it lasts', () => {
  const together = planRenditions(emptyPlan, [h264(1, 6), h264(2, 6)], 0)
  const dip = [h264(1, 6), h264(2, 3)]
  const at = planRenditions(together, dip, 5_000)
  assert.deepEqual([seats(at), at.groups[0]?.bitrateBps], [[[1, 2]], 3e6])
  assert.deepEqual(seats(planRenditions(at, [h264(1, 6), h264(2, 5)], 5_500)), [[1, 2]])
  assert.deepEqual(seats(settle(at, dip, 5_100, 7_000)), [[1], [2]])
})

test('renditions that could be one are joined after a long while only', () => {
  const apart = settle(emptyPlan, [h264(1, 6), h264(2, 2)], 0, 3_000)
  const alike = [h264(1, 6), h264(2, 5.5)]
  const early = settle(apart, alike, 4_000, 13_900)
  assert.equal(early.groups.length, 2)
  assert.deepEqual(seats(settle(early, alike, 13_950, 14_100)), [[1, 2]])
})

test('viewers of different codecs never share', () => {
  const plan = planRenditions(emptyPlan, [h264(1, 4), { id: 2, codec: 'vp8', family: 'vp8', bitrateBps: 4e6 }], 0)
  assert.deepEqual(
    plan.groups.map(({ codec }) => codec),
    ['h264', 'vp8'],
  )
})

const audience = fc.array(fc.tuple(fc.nat(8), fc.integer({ min: 100_000, max: 20_000_000 })), {
  minLength: 1,
  maxLength: 8,
})
const viewersOf = (pairs: readonly (readonly [number, number])[]): PlannedViewer[] =>
  [...new Map(pairs)].map(([id, bitrateBps]) => ({ id, codec: 'h264', family: 'h264', bitrateBps }))

test('every plan seats everybody once, in few groups, and gives nobody more than its path carries', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(audience, fc.nat(5_000)), { maxLength: 30 }), (history) => {
      let plan = emptyPlan
      let nowMs = 0
      for (const [pairs, laterMs] of history) {
        nowMs += laterMs
        const viewers = viewersOf(pairs)
        plan = planRenditions(plan, viewers, nowMs)
        assert.ok(plan.groups.length <= maxGroups)
        assert.equal(new Set(plan.groups.map(({ id }) => id)).size, plan.groups.length)
        assert.deepEqual(seats(plan).flat().toSorted(ascending), idsOf(viewers))
        for (const group of plan.groups) {
          assert.equal(group.bitrateBps, Math.min(...group.viewers.map(({ bitrateBps }) => bitrateBps)))
        }
      }
    }),
  )
})

test('a plan that is left alone becomes as fair as three renditions can be, and then rests', () => {
  fc.assert(
    fc.property(audience, audience, (before, after) => {
      const viewers = viewersOf(after)
      const plan = settle(planRenditions(emptyPlan, viewersOf(before), 0), viewers, 1, 60_000)
      const share = worstShare(plan.groups.map((group) => group.viewers.map(({ bitrateBps }) => bitrateBps)))
      const possible = worstShare(
        bestPartition(
          viewers.map(({ bitrateBps }) => bitrateBps),
          maxGroups,
          fairShare,
        ),
      )
      assert.ok(share >= Math.min(fairShare, possible / 1.05) - 1e-9, `${share} of ${possible}`)
      assert.equal(plan.reviewAtMs, undefined)
    }),
  )
})
