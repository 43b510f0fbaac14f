import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PathDelay } from './path-delay.ts'
import { WindowedMin } from './windowed-min.ts'

/** A packet every 10 ms that waits for `queueMs`. */
function feed(path: PathDelay, fromMs: number, toMs: number, queueMs: number): void {
  for (let ms = fromMs; ms < toMs; ms += 10) path.add(ms * 1000, ms * 1000 - 5e9 + queueMs * 1000)
}

test('PathDelay is the wait beyond the shortest delay, whatever the clocks are set to', () => {
  const path = new PathDelay()
  assert.deepEqual([path.standingMs, path.latestMs, path.shortestUs], [0, 0, Infinity])
  feed(path, 0, 1000, 0)
  feed(path, 1000, 2000, 80)
  assert.deepEqual([path.standingMs, path.latestMs, path.shortestUs], [80, 80, -5e9])
})

test('PathDelay sees a queue in the last packets before it takes it for standing', () => {
  const path = new PathDelay()
  feed(path, 0, 1000, 0)
  feed(path, 1000, 1050, 80)
  assert.deepEqual([path.standingMs, path.latestMs], [0, 80])
})

test('PathDelay forgets a shortest delay after a while, so that clocks may drift', () => {
  const path = new PathDelay()
  feed(path, 0, 1000, 0)
  feed(path, 1000, 14_000, 30)
  assert.equal(path.standingMs, 30)
  feed(path, 14_000, 32_000, 30)
  assert.equal(path.standingMs, 0)
})

test('PathDelay takes the present delay for the shortest when it is told that the path is another', () => {
  const path = new PathDelay()
  feed(path, 0, 1000, 0)
  feed(path, 1000, 2000, 150)
  path.rebase()
  assert.equal(path.standingMs, 0)
})

test('WindowedMin is the least value of its span, give or take half of it', () => {
  const min = new WindowedMin(100)
  assert.equal(min.value, Infinity)
  min.add(3, 0)
  min.add(5, 60)
  assert.equal(min.value, 3)
  min.add(6, 100)
  assert.equal(min.value, 5)
  min.add(9, 1000)
  assert.equal(min.value, 9)
  min.reset()
  assert.equal(min.value, Infinity)
})
