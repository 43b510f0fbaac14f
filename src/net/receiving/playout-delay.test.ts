import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { PlayoutDelay } from './playout-delay.ts'

/** A frame each 10 ms for so long, `lateUs` after it would arrive at best; how many came after their turn. */
function play(delay: PlayoutDelay, from: number, frames: number, lateUs: () => number): { late: number } {
  let late = 0
  for (let frame = from; frame < from + frames; frame++) {
    const captureUs = frame * 10_000
    // The other clock is an hour ahead.
    const arrivalUs = captureUs + 3.6e9 + 15_000 + lateUs()
    if (frame > from + 300 && arrivalUs > delay.dueUs(captureUs) + 1) late++
    delay.onArrived(captureUs, arrivalUs)
  }
  return { late }
}

test('PlayoutDelay holds nothing back where everything comes as it was sent', () => {
  const delay = new PlayoutDelay()
  play(delay, 0, 1000, () => 0)
  assert.equal(delay.delayUs, 0)
  assert.equal(delay.dueUs(5_000_000), 5_000_000 + 3.6e9 + 15_000)
})

test('PlayoutDelay is as long as jitter makes it, and nearly everything is in time', () => {
  const delay = new PlayoutDelay()
  const random = seededRandom(1)
  const { late } = play(delay, 0, 3000, () => random() * 30_000)
  assert.ok(late < 0.04 * 2700, `${late}`)
  assert.ok(delay.delayUs > 25_000 && delay.delayUs < 40_000, `${delay.delayUs}`)
})

test('PlayoutDelay grows at once with jitter, and falls slowly when that is over', () => {
  const delay = new PlayoutDelay()
  const random = seededRandom(2)
  play(delay, 0, 500, () => 0)
  play(delay, 500, 40, () => random() * 80_000)
  const grownUs = delay.delayUs
  assert.ok(grownUs > 60_000, `${grownUs}`)
  play(delay, 540, 300, () => 0)
  assert.ok(delay.delayUs > 0.5 * grownUs)
  play(delay, 840, 900, () => 0)
  assert.ok(delay.delayUs < 5000, `${delay.delayUs}`)
})

test('PlayoutDelay never holds back for longer than half a second', () => {
  const delay = new PlayoutDelay()
  play(delay, 0, 100, () => 0)
  play(delay, 100, 100, () => 5e6)
  assert.equal(delay.delayUs, 500_000)
})
