import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { AudioTimeline } from './audio-timeline.ts'
import { VideoTimeline } from './video-timeline.ts'

const distance = (from: number, to: number) => (to - from) | 0

test('VideoTimeline counts the capture clock in 90 kHz, through the wrap at 32 bits', () => {
  const timeline = new VideoTimeline(0xffff_ff00)
  const first = timeline.next(1_000_000_000)
  assert.equal(distance(first, timeline.next(1_000_016_667)), 1500)
  assert.equal(distance(first, timeline.at(1_001_000_000)), 90_000)
})

test('VideoTimeline moves forward whatever the capture times are', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.nat(10_000_000), { minLength: 2 }), (origin, captures) => {
      const timeline = new VideoTimeline(origin)
      let last: number | undefined
      for (const captureUs of captures) {
        const timestamp = timeline.next(captureUs)
        assert.ok(Number.isInteger(timestamp) && timestamp >= 0 && timestamp <= 0xffff_ffff)
        if (last !== undefined) assert.ok(distance(last, timestamp) >= 90)
        last = timestamp
      }
    }),
  )
})

const sound = (captureMs: number, positionSamples: number) => ({
  captureUs: captureMs * 1000,
  positionSamples,
  data: new Uint8Array(1),
})

test('AudioTimeline counts the samples of one producer, whatever its capture times do', () => {
  const timeline = new AudioTimeline(7)
  assert.deepEqual(timeline.next(sound(1000, 4800)), { timestamp: 7, begins: true })
  assert.deepEqual(timeline.next(sound(1013, 5280)), { timestamp: 487, begins: false })
  assert.deepEqual(timeline.next(sound(1020, 5760)), { timestamp: 967, begins: false })
})

test('AudioTimeline keeps a silence that was not sent as long as it was', () => {
  const timeline = new AudioTimeline(0)
  timeline.next(sound(1000, 0))
  assert.deepEqual(timeline.next(sound(3000, 96_000)), { timestamp: 96_000, begins: true })
  assert.deepEqual(timeline.next(sound(3010, 96_480)), { timestamp: 96_480, begins: false })
})

test('AudioTimeline goes on by the time that passed when another producer counts from somewhere else', () => {
  const timeline = new AudioTimeline(0)
  timeline.next(sound(1000, 480_000))
  assert.deepEqual(timeline.next(sound(1050, 0)), { timestamp: 2400, begins: true })
  assert.deepEqual(timeline.next(sound(1060, 480)), { timestamp: 2880, begins: false })
  // Captured before the one that was sent last: still one packet further.
  assert.deepEqual(timeline.next(sound(1040, 7_000_000)), { timestamp: 3360, begins: false })
})

test('AudioTimeline says which moment is now, for sender reports', () => {
  const timeline = new AudioTimeline(100)
  assert.equal(timeline.at(0), undefined)
  for (let packet = 0; packet < 100; packet++) timeline.next(sound(1000 + packet * 10 + (packet % 2), packet * 480))
  const now = timeline.at(3_000_000) as number
  assert.ok(Math.abs(now - (100 + 2000 * 48)) < 60, `${now}`)
})

test('AudioTimeline moves forward by whole packets or by samples counted, never back', () => {
  const step = fc.record({ captureMs: fc.nat(100_000), position: fc.nat(10_000_000) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 2 }), (steps) => {
      const timeline = new AudioTimeline(0)
      let last: number | undefined
      for (const { captureMs, position } of steps) {
        const { timestamp } = timeline.next(sound(captureMs, position))
        if (last !== undefined) assert.ok(distance(last, timestamp) > 0)
        last = timestamp
      }
    }),
  )
})
