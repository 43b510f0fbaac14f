import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Pump } from './pump.ts'

function openPump() {
  const clock = new ManualClock()
  return { clock, pump: new Pump({ clock, nowUs: () => clock.nowMs() * 1000 }) }
}

/** Has work for so many turns. */
function worker(turns: number) {
  return {
    calls: 0,
    pump() {
      this.calls++
      return this.calls < turns
    },
  }
}

test('Pump calls all that wait with one timer, and rests when nothing does', () => {
  const { clock, pump } = openPump()
  const [short, long] = [worker(1), worker(3)]
  pump.wake(short)
  pump.wake(long)
  pump.wake(long)
  assert.equal(clock.pending, 1)
  clock.advance(100)
  assert.deepEqual([short.calls, long.calls], [1, 3])
  assert.equal(clock.pending, 0)
})

test('Pump forgets what is removed, and wakes again', () => {
  const { clock, pump } = openPump()
  const endless = worker(Infinity)
  pump.wake(endless)
  clock.advance(10)
  pump.remove(endless)
  assert.equal(clock.pending, 0)
  const before = endless.calls
  clock.advance(10)
  assert.equal(endless.calls, before)
  pump.wake(endless)
  clock.advance(2)
  assert.equal(endless.calls, before + 1)
  pump.remove(endless)
})
