import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SoundSchedule } from './sound-schedule.ts'

const rate = 48_000
const packet = 480

/** Places packets that come `lateMs(index)` after they should, and returns where each one went beyond when it came. */
function play(schedule: SoundSchedule, count: number, lateMs: (index: number) => number, from = 0) {
  return Array.from({ length: count }, (_, index) => {
    const position = (from + index) * packet
    const nowFrame = position + lateMs(index) * 48
    return { at: schedule.place(position + 5_000_000, nowFrame), nowFrame, position }
  })
}

test('sound that comes evenly is played without a gap, after a short while', () => {
  const placed = play(new SoundSchedule(rate), 200, () => 0)
  const [first] = placed
  assert.equal((first?.at ?? 0) - (first?.nowFrame ?? 0), 40 * 48)
  for (const [index, { at }] of placed.entries()) assert.equal(at - (first?.at ?? 0), index * packet)
})

test('silence that was not sent stays as long as it was', () => {
  const schedule = new SoundSchedule(rate)
  const before = schedule.place(0, 0)
  assert.equal(schedule.place(48_000, 48_000) - before, 48_000)
})

test('sound that comes too late makes the delay longer until nothing is too late any more', () => {
  const schedule = new SoundSchedule(rate)
  const jitter = (index: number) => (index % 20 === 7 ? 110 : 0)
  play(schedule, 200, jitter)
  const tooLate = play(schedule, 200, jitter, 200).filter(({ at, nowFrame }) => at < nowFrame)
  assert.deepEqual(tooLate, [])
  assert.ok(schedule.delayMs <= 250)
})

test('a delay that is never needed becomes shorter', () => {
  const schedule = new SoundSchedule(rate)
  play(schedule, 20, (index) => (index === 5 ? 200 : 0))
  const long = play(schedule, 1, () => 0, 20)[0]
  play(schedule, 3000, () => 0, 21)
  const short = play(schedule, 1, () => 0, 3021)[0]
  const lead = (one: typeof long) => ((one?.at ?? 0) - (one?.nowFrame ?? 0)) / 48
  assert.ok(lead(long) > 100)
  assert.ok(lead(short) < 60, `${lead(short)} ms`)
})

test('sound waits for pictures that are shown later, but not for ever', () => {
  const schedule = new SoundSchedule(rate)
  for (let index = 0; index < 1000; index++) {
    const { at, nowFrame } = play(schedule, 1, () => 0, index)[0] ?? { at: 0, nowFrame: 0 }
    // Pictures are seen 120 ms after they came.
    schedule.onAhead(120 - (at - nowFrame) / 48)
  }
  assert.ok(Math.abs(schedule.delayMs - 120) < 5, `${schedule.delayMs} ms`)
  for (let index = 0; index < 1000; index++) schedule.onAhead(10_000)
  assert.ok(schedule.delayMs <= 250)
})

test('a clock that jumps begins anew', () => {
  const schedule = new SoundSchedule(rate)
  schedule.place(0, 0)
  assert.ok(schedule.place(48_000 * 60, 480) - 480 <= 250 * 48)
})
