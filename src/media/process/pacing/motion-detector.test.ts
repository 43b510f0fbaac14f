import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { MotionDetector } from './motion-detector.ts'

function watching() {
  const clock = new ManualClock()
  const turns: boolean[] = []
  const waiting = { change: false }
  const watch = new MotionDetector(clock, { onTurn: (moves) => turns.push(moves), isChanged: () => waiting.change })
  const change = (everyMs: number, forMs: number) => {
    for (let passedMs = 0; passedMs < forMs; passedMs += everyMs) {
      watch.taken(true)
      clock.advance(everyMs)
    }
  }
  return { clock, turns, watch, waiting, change }
}

test('MotionDetector takes a source for one that moves, until nothing has changed for a while', () => {
  const { clock, turns, watch } = watching()
  watch.taken(false)
  clock.advance(249)
  watch.taken(false)
  assert.deepEqual(turns, [])
  clock.advance(1)
  assert.deepEqual(turns, [false])
})

test('MotionDetector takes nothing for rest while a change waits for room', () => {
  const { clock, turns, watch, waiting } = watching()
  watch.taken(true)
  waiting.change = true
  clock.advance(2_000)
  assert.deepEqual(turns, [])
  waiting.change = false
  clock.advance(250)
  assert.deepEqual(turns, [false])
})

test('MotionDetector tells motion from changes that come one by one', () => {
  const { clock, turns, watch, change } = watching()
  change(16, 1_000)
  assert.deepEqual(turns, [], 'nothing new')
  clock.advance(250)
  change(300, 3_000)
  watch.taken(true)
  assert.deepEqual(turns, [false])
  clock.advance(400)
  change(16, 290)
  assert.deepEqual(turns, [false])
  change(16, 32)
  assert.deepEqual(turns, [false, true])
  clock.advance(200)
  change(100, 1_000)
  clock.advance(160)
  assert.deepEqual(turns, [false, true, false])
})
