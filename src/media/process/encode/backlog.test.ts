import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backlog } from './backlog.ts'

test('Backlog lasts as long as the path takes to send what was coded, and no longer', () => {
  const backlog = new Backlog()
  assert.equal(backlog.lastsUs(1_000_000, 5_000_000), 0)
  backlog.add(100_000, 1_000_000, 5_000_000)
  assert.equal(backlog.lastsUs(1_000_000, 5_000_000), 100_000)
  assert.equal(backlog.lastsUs(1_000_000, 5_060_000), 40_000)
  assert.equal(backlog.lastsUs(1_000_000, 9_000_000), 0)
})

test('Backlog lasts longer when pictures come faster than the path sends them, and when its rate falls', () => {
  const backlog = new Backlog()
  for (let timeUs = 0; timeUs < 500_000; timeUs += 100_000) backlog.add(200_000, 1_000_000, timeUs)
  assert.equal(backlog.lastsUs(1_000_000, 500_000), 500_000)
  assert.equal(backlog.lastsUs(500_000, 500_000), 1_100_000)
})
