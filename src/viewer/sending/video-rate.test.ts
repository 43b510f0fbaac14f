import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import { VideoRate } from './video-rate.ts'

/** A controller whose target is what the cap says. */
function cappedAt(bitrateBps: number) {
  const controller = new BitrateController({ startBps: 20_000_000, floorBps: 1000 })
  controller.setCap(bitrateBps)
  return controller
}

test('VideoRate leaves room for sound, resends and headers', () => {
  const rate = new VideoRate(cappedAt(2_000_000), 110_000)
  assert.equal(rate.bitrateBps, Math.round((2_000_000 - 110_000) * 0.98))
  assert.equal(rate.update(310_000, 0), Math.round((2_000_000 - 310_000) * 0.98))
})

test('VideoRate goes down at once and up only in steps worth it', () => {
  const controller = cappedAt(2_000_000)
  const rate = new VideoRate(controller, 0)
  controller.setCap(1_000_000)
  assert.equal(rate.update(0, 0), 980_000)
  controller.setCap(1_500_000)
  assert.equal(rate.update(0, 100_000), undefined, 'too soon')
  assert.equal(rate.update(0, 300_000), 1_470_000)
  controller.setCap(1_550_000)
  assert.equal(rate.update(0, 10_000_000), undefined, 'too little')
  controller.setCap(1_490_000)
  assert.equal(rate.update(0, 10_000_000), undefined, 'too little')
  assert.equal(rate.bitrateBps, 1_470_000)
})

test('VideoRate never asks for less than a picture takes', () => {
  assert.equal(new VideoRate(cappedAt(120_000), 110_000).bitrateBps, 100_000)
})

test('VideoRate tells of notable changes only, and not too often', () => {
  const controller = cappedAt(2_000_000)
  const rate = new VideoRate(controller, 0)
  controller.setCap(1_800_000)
  rate.update(0, 0)
  assert.equal(rate.takeNotable(0), undefined)
  controller.setCap(1_000_000)
  rate.update(0, 1_000_000)
  const change = rate.takeNotable(1_000_000)
  assert.deepEqual(change, { fromBps: 1_960_000, toBps: 980_000, cause: 'delay' })
  controller.setCap(500_000)
  rate.update(0, 2_000_000)
  assert.equal(rate.takeNotable(2_000_000), undefined)
  assert.equal(rate.takeNotable(3_000_000)?.toBps, 490_000)
})

test('VideoRate leaves room for parity, and names the losses that it is for', () => {
  const rate = new VideoRate(cappedAt(10_000_000), 0)
  assert.equal(rate.update(0, 0, 0.85), 8_500_000)
  assert.equal(rate.update(0, 2_000_000, 0.6), 6_000_000)
  assert.deepEqual(rate.takeNotable(2_000_000), { fromBps: 9_800_000, toBps: 6_000_000, cause: 'loss' })
})
