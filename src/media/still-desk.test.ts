import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../kernel/manual-clock.ts'
import { StillDesk, stillPeriodMs } from './still-desk.ts'

const still = (captureUs: number) => ({ jpeg: Uint8Array.of(1), width: 480, height: 270, captureUs })

function desk() {
  const clock = new ManualClock()
  const process = { asked: 0, isUp: true }
  const stills = new StillDesk({
    clock,
    ask: () => {
      if (process.isUp) process.asked++
      return process.isUp
    },
  })
  return { clock, process, stills }
}

test('a hundred who want a still at once, or soon after, get the one that was asked for once', async () => {
  const { clock, process, stills } = desk()
  const wanted = Array.from({ length: 100 }, () => stills.want())
  stills.arrived(still(1))
  for (const each of await Promise.all(wanted)) assert.equal(each?.captureUs, 1)
  clock.advance(stillPeriodMs - 1)
  await stills.want()
  assert.equal(process.asked, 1)
  clock.advance(1)
  const later = stills.want()
  stills.arrived(still(2))
  assert.equal((await later)?.captureUs, 2)
  assert.equal(process.asked, 2)
})

test('the last one is given again when nothing has changed, and none when there is nothing to see', async () => {
  const { clock, stills } = desk()
  const first = stills.want()
  stills.arrived(still(1))
  await first
  clock.advance(stillPeriodMs)
  const second = stills.want()
  stills.refused('same')
  assert.equal((await second)?.captureUs, 1)
  clock.advance(stillPeriodMs)
  const third = stills.want()
  stills.refused('none')
  assert.equal(await third, undefined)
})

test('nobody waits for a process that is gone, or does not answer', async () => {
  const { clock, process, stills } = desk()
  const unanswered = stills.want()
  clock.advance(5000)
  assert.equal(await unanswered, undefined)
  const lost = stills.want()
  stills.lost()
  assert.equal(await lost, undefined)
  process.isUp = false
  assert.equal(await stills.want(), undefined)
  process.isUp = true
  const again = stills.want()
  stills.arrived(still(3))
  assert.equal((await again)?.captureUs, 3)
})
