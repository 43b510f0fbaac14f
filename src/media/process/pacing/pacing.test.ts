import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { FramePacer } from './frame-pacer.ts'
import { PictureSchedule } from './picture-schedule.ts'

const periodUs = 1_000_000 / 60

test('FramePacer keeps its rate on average however late each picture is', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 8_000 }), { minLength: 120, maxLength: 120 }), (latenesses) => {
      const pacer = new FramePacer(60)
      let nowUs = 1_000_000
      pacer.take(nowUs)
      const startUs = nowUs
      for (const lateUs of latenesses) {
        nowUs = Math.max(nowUs, pacer.dueUs) + lateUs
        pacer.take(nowUs)
      }
      const idealUs = latenesses.length * periodUs
      assert.ok(nowUs - startUs >= idealUs - periodUs && nowUs - startUs <= idealUs + 10_000)
    }),
  )
})

test('FramePacer lets every picture of an app through that draws at its rate with some jitter', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -2_000, max: 2_000 }), { minLength: 60, maxLength: 60 }), (jitters) => {
      const pacer = new FramePacer(60)
      for (const [index, jitterUs] of jitters.entries()) {
        const drawnUs = 1_000_000 + index * periodUs + jitterUs
        const takenUs = Math.max(drawnUs, pacer.dueUs)
        assert.ok(takenUs - drawnUs < periodUs / 2, 'it had to wait for long')
        pacer.take(takenUs)
      }
    }),
  )
})

test('PictureSchedule refines a picture until it is good, then refreshes it once a second', () => {
  const schedule = new PictureSchedule(60)
  schedule.captured(1_000_000, true)
  const step = schedule.next(undefined)
  assert.equal(step.action, 'repeat')
  assert.ok(step.atUs > 1_000_000 && step.atUs < 1_150_000)
  schedule.repeated(1_070_000, true)
  schedule.repeated(1_210_000, true)
  assert.equal(schedule.next(undefined).action, 'repeat')
  schedule.refined()
  assert.deepEqual(schedule.next(undefined), { action: 'capture', atUs: 2_210_000 })
  schedule.captured(2_210_000, false)
  assert.deepEqual(schedule.next(undefined), { action: 'capture', atUs: 3_210_000 })
})

test('PictureSchedule waits for room with a refinement, however long that takes, and lets a change come first', () => {
  const schedule = new PictureSchedule(60)
  schedule.captured(0, true)
  let nowUs = 0
  for (let waits = 0; waits < 1000; waits++) {
    const step = schedule.next(undefined)
    assert.equal(step.action, 'repeat')
    assert.ok(step.atUs > nowUs && step.atUs <= nowUs + 100_000)
    nowUs = step.atUs
    schedule.repeated(nowUs, false)
  }
  assert.deepEqual(schedule.next(nowUs), { action: 'capture', atUs: nowUs + 2_000 })
})

test('PictureSchedule refines again after a key picture of a screen at rest', () => {
  const schedule = new PictureSchedule(60)
  schedule.captured(0, false)
  assert.equal(schedule.next(undefined).action, 'capture')
  schedule.keyed(100_000)
  assert.equal(schedule.next(undefined).action, 'repeat')
})

test('PictureSchedule gives up refining what never becomes good', () => {
  const schedule = new PictureSchedule(60)
  schedule.captured(0, true)
  let repeats = 0
  for (let step = schedule.next(undefined); step.action === 'repeat'; step = schedule.next(undefined)) {
    schedule.repeated(step.atUs, true)
    repeats++
    assert.ok(repeats < 200)
  }
  assert.ok(repeats >= 100)
})

test('PictureSchedule captures a change soon after a rest, and at the rate while changes go on', () => {
  const schedule = new PictureSchedule(60)
  schedule.captured(0, true)
  assert.deepEqual(schedule.next(5_000_000), { action: 'capture', atUs: 5_002_000 })
  schedule.captured(5_002_000, true)
  const next = schedule.next(5_002_100)
  assert.equal(next.action, 'capture')
  assert.ok(next.atUs > 5_002_000 + periodUs / 3 && next.atUs <= 5_002_000 + periodUs)
})
