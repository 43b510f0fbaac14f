import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { DelayDetector } from './delay-detector.ts'

const frameUs = 16_667

/** Feeds groups of three packets, one a frame; `queueMs` says how long the packets of a frame wait. */
function feed(detector: DelayDetector, frames: number, queueMs: (frame: number) => number, first = 0): void {
  for (let frame = first; frame < first + frames; frame++) {
    for (let index = 0; index < 3; index++) {
      const sentUs = frame * frameUs + index * 300
      detector.add(sentUs, sentUs + 20_000 + queueMs(frame) * 1000)
    }
  }
}

test('DelayDetector finds the path free when the delay does not change', () => {
  const detector = new DelayDetector()
  feed(detector, 200, () => 0)
  assert.equal(detector.verdict, 'free')
  assert.equal(detector.standingMs, 0)
})

test('DelayDetector finds the path free when the delay only jitters', () => {
  const detector = new DelayDetector()
  const random = seededRandom(1)
  for (let block = 0; block < 40; block++) {
    feed(detector, 20, () => random() * 10, block * 20)
    assert.equal(detector.verdict, 'free', String(block))
  }
})

test('DelayDetector finds the path full by the slope of the delay, long before the queue is long', () => {
  const detector = new DelayDetector()
  feed(detector, 60, () => 0)
  let frame = 60
  for (; detector.verdict !== 'full'; frame++) feed(detector, 1, () => (frame - 60) * 2, frame)
  assert.ok(detector.standingMs < 40)
  assert.ok(frame - 60 < 30)
})

test('DelayDetector finds the path full by a queue that stands, though it does not grow', () => {
  const detector = new DelayDetector()
  feed(detector, 30, () => 0)
  feed(detector, 600, () => 110, 30)
  assert.equal(detector.verdict, 'full')
  assert.ok(Math.abs(detector.standingMs - 110) < 1)
})

test('DelayDetector finds the path draining until the queue is nearly empty', () => {
  const detector = new DelayDetector()
  feed(detector, 30, () => 0)
  feed(detector, 60, () => 200, 30)
  feed(detector, 15, (frame) => 200 - (frame - 90) * 9, 90)
  assert.equal(detector.verdict, 'draining')
  feed(detector, 20, () => 2, 105)
  assert.equal(detector.verdict, 'free')
})

test('DelayDetector takes a queue that no decrease shortens for the length of the path', () => {
  const detector = new DelayDetector()
  feed(detector, 60, () => 0)
  feed(detector, 120, () => 150, 60)
  assert.deepEqual(
    [150, 150, 150].map((queueMs) => detector.onLowered(queueMs)),
    [false, false, true],
  )
  assert.equal(detector.verdict, 'free')
  assert.equal(detector.standingMs, 0)
})

test('DelayDetector does not give up on a queue that decreases do shorten', () => {
  const detector = new DelayDetector()
  feed(detector, 60, () => 0)
  feed(detector, 120, () => 800, 60)
  for (const queueMs of [800, 700, 600, 500, 400, 300]) assert.equal(detector.onLowered(queueMs), false)
  assert.equal(detector.verdict, 'full')
})

test('DelayDetector does not count a decrease as vain when the queue was short in between', () => {
  const detector = new DelayDetector()
  for (let round = 0; round < 4; round++) {
    feed(detector, 30, () => 0, round * 60)
    feed(detector, 30, () => 150, round * 60 + 30)
    assert.equal(detector.onLowered(150), false)
  }
})

test('DelayDetector forgets the slope and the queue, not the shortest delay, when it restarts', () => {
  const detector = new DelayDetector()
  feed(detector, 60, () => 0)
  feed(detector, 60, () => 300, 60)
  detector.restart()
  assert.equal(detector.verdict, 'free')
  feed(detector, 2, () => 300, 120)
  assert.ok(detector.standingMs > 299)
})
