import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RateFollower } from './rate-follower.ts'

const pictureUs = 33_333
let clockUs = 0

/** A coder that gives so much of what it is told, for some seconds; what came of what was asked for in the last one. */
function run(follower: RateFollower, given: number, seconds: number, quantizer = 30): number {
  let lastSecondBits = 0
  for (let index = 0; index < seconds * 30; index++) {
    const bits = ((500_000 * pictureUs) / 1e6) * given * follower.factor
    follower.coded(bits, 500_000, (clockUs += pictureUs), quantizer)
    if (index >= (seconds - 1) * 30) lastSecondBits += bits
  }
  return lastSecondBits / 500_000
}

test('RateFollower makes up for a coder that gives less than it may', () => {
  const came = run(new RateFollower(), 0.85, 8)
  assert.ok(came > 0.96 && came < 1.02, String(came))
})

test('RateFollower goes no further than a quarter, and takes it back soon when more comes', () => {
  const follower = new RateFollower()
  run(follower, 0.3, 20)
  assert.ok(Math.abs(follower.factor - 1.25) < 0.011, String(follower.factor))
  const came = run(follower, 1, 2)
  assert.ok(came < 1.06, String(came))
})

test('RateFollower leaves a coder alone whose pictures need no more, and one at rest', () => {
  const follower = new RateFollower()
  run(follower, 0.3, 5, 16)
  assert.equal(follower.factor, 1)
  for (let picture = 0; picture < 50; picture++) follower.coded(1000, 500_000, (clockUs += 1e6), 30)
  assert.equal(follower.factor, 1)
})
