import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ArrivalGroups } from './arrival-groups.ts'

/** Adds packets and lists the changes of delay that came out. */
function deltas(groups: ArrivalGroups, packets: readonly (readonly [sentUs: number, arrivalUs: number])[]): number[] {
  return packets
    .filter(([sentUs, arrivalUs]) => groups.add(sentUs, arrivalUs))
    .map(() => groups.arrivalDeltaUs - groups.sentDeltaUs)
}

test('ArrivalGroups compares the ends of groups that were sent 5 ms apart', () => {
  const groups = new ArrivalGroups()
  assert.equal(groups.add(0, 100_000), false)
  assert.equal(groups.add(4000, 104_000), false)
  assert.equal(groups.add(16_000, 118_000), false)
  assert.equal(groups.add(19_000, 123_000), false)
  assert.equal(groups.add(40_000, 140_000), true)
  assert.deepEqual([groups.sentDeltaUs, groups.arrivalDeltaUs, groups.completedUs], [15_000, 19_000, 123_000])
})

test('ArrivalGroups takes packets that a link held back and let out together for one group', () => {
  const groups = new ArrivalGroups()
  const held = [0, 16_000, 32_000, 48_000].map((sentUs) => [sentUs, 100_000 + sentUs / 100] as const)
  assert.deepEqual(
    deltas(groups, [...held, [70_000, 140_000], [90_000, 160_000]]),
    [70_000 - 22_000 - 30_480].map(() => 140_000 - 100_480 - 22_000),
  )
})

test('ArrivalGroups leaves out packets from before the present group', () => {
  const groups = new ArrivalGroups()
  assert.deepEqual(
    deltas(groups, [
      [0, 0],
      [20_000, 20_000],
      [10_000, 90_000],
      [40_000, 40_000],
    ]),
    [0],
  )
})

test('ArrivalGroups begins anew when it is reset', () => {
  const groups = new ArrivalGroups()
  assert.deepEqual(
    deltas(groups, [
      [0, 0],
      [20_000, 20_000],
    ]),
    [],
  )
  groups.reset()
  assert.deepEqual(
    deltas(groups, [
      [40_000, 90_000],
      [60_000, 110_000],
      [80_000, 130_000],
    ]),
    [0],
  )
})
