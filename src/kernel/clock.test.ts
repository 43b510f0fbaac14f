import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleep, systemClock } from './clock.ts'
import { ManualClock } from './manual-clock.ts'

test('ManualClock runs calls in order of their time, also those made on the way', () => {
  const clock = new ManualClock()
  const seen: string[] = []
  clock.after(20, () => seen.push(`b@${clock.nowMs()}`))
  clock.after(10, () => {
    seen.push(`a@${clock.nowMs()}`)
    clock.after(5, () => seen.push(`c@${clock.nowMs()}`))
  })
  clock.advance(30)
  assert.deepEqual(seen, ['a@10', 'c@15', 'b@20'])
  assert.equal(clock.nowMs(), 30)
})

test('ManualClock.every repeats until it is cancelled, also from inside', () => {
  const clock = new ManualClock()
  let calls = 0
  const timer = clock.every(10, () => {
    if (++calls === 3) timer.cancel()
  })
  clock.advance(100)
  assert.equal(calls, 3)
  assert.equal(clock.pending, 0)
  assert.throws(() => clock.every(0, () => {}), RangeError)
})

test('sleep ends at its time or rejects and leaves no timer when aborted', async () => {
  const clock = new ManualClock()
  const done = sleep(clock, 50)
  clock.advance(50)
  await done
  const controller = new AbortController()
  const aborted = sleep(clock, 50, controller.signal)
  controller.abort(new Error('stop'))
  await assert.rejects(aborted, /stop/)
  assert.equal(clock.pending, 0)
  await assert.rejects(sleep(clock, 50, AbortSignal.abort(new Error('before'))), /before/)
})

test('systemClock moves forward and runs a call once', async () => {
  const startMs = systemClock.nowMs()
  await sleep(systemClock, 5)
  assert.ok(systemClock.nowMs() > startMs)
})
