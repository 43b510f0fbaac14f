import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstRung, nextRung, type Rung, rungReviewAtMs, shapeOf, type SourceShape } from './rendition-shape.ts'

const hd: SourceShape = { width: 1280, height: 720, fps: 60 }

const shapeAt = (source: SourceShape, bitrateBps: number) => {
  const { shrink, fpsDivisor } = shapeOf(firstRung(source, bitrateBps), source)
  return `1/${shrink} at ${source.fps / fpsDivisor}`
}

test('a low rate slows pictures down first and makes them smaller then', () => {
  assert.equal(shapeAt(hd, 6e6), '1/1 at 60')
  assert.equal(shapeAt(hd, 1.1e6), '1/1 at 30')
  assert.equal(shapeAt(hd, 500_000), '1/2 at 30')
  assert.equal(shapeAt(hd, 100_000), '1/4 at 30')
})

test('larger sources need more, slow ones are not slowed down, small ones not made tiny', () => {
  assert.equal(shapeAt({ width: 1920, height: 1080, fps: 60 }, 2e6), '1/1 at 30')
  assert.equal(shapeAt({ ...hd, fps: 30 }, 400_000), '1/1 at 30')
  assert.equal(shapeAt({ width: 320, height: 180, fps: 30 }, 50_000), '1/1 at 30')
})

/** Follows a rate with pictures that take all of it, unless `share` says otherwise. */
function follow(start: Rung, moves = true, share = 1) {
  let rung = start
  let bytes = 0
  let nowMs = 0
  return (bitrateBps: number, atMs: number, change: { moves?: boolean; share?: number } = {}) => {
    bytes += ((atMs - nowMs) * bitrateBps * (change.share ?? share)) / 8000
    nowMs = atMs
    rung = nextRung(rung, hd, { bitrateBps, nowMs, moves: change.moves ?? moves, bytes })
    const { shrink, fpsDivisor } = shapeOf(rung, hd)
    return { rung, shape: `1/${shrink} at ${hd.fps / fpsDivisor}` }
  }
}

test('nextRung follows a fall after a second and a rise after five, and a rate at the edge never', () => {
  const at = follow(firstRung(hd, 2e6))
  assert.equal(rungReviewAtMs(at(400_000, 0).rung), 1_000)
  assert.equal(at(400_000, 999).shape, '1/1 at 60')
  assert.equal(at(400_000, 1_000).shape, '1/2 at 30')
  at(2e6, 2_000)
  assert.equal(at(2e6, 6_999).shape, '1/2 at 30')
  const high = at(2e6, 7_000)
  assert.equal(high.shape, '1/1 at 60')
  assert.equal(rungReviewAtMs(high.rung), undefined)
  const low = firstRung(hd, 1_150_000)
  const edge = follow(low)
  edge(1_250_000, 0)
  assert.deepEqual(edge(1_250_000, 60_000).rung, low)
})

test('nextRung forgets a fall that has passed', () => {
  const at = follow(firstRung(hd, 2e6))
  at(400_000, 0)
  at(2e6, 900)
  assert.equal(at(400_000, 1_100).shape, '1/1 at 60')
})

test('nextRung shows what rests at full size at once, whatever the rate, and makes only motion smaller again, after a second', () => {
  const at = follow(firstRung(hd, 100_000))
  assert.equal(at(100_000, 0).shape, '1/4 at 30')
  assert.equal(at(100_000, 300, { moves: false }).shape, '1/1 at 30')
  const rests = at(100_000, 60_000, { moves: false })
  assert.deepEqual([rests.shape, rungReviewAtMs(rests.rung)], ['1/1 at 30', undefined])
  at(100_000, 60_100)
  assert.equal(at(100_000, 61_000).shape, '1/1 at 30')
  assert.equal(at(100_000, 61_100).shape, '1/4 at 30')
})

test('nextRung leaves the size to changes that take little of the rate, for as long as they do', () => {
  const at = follow(firstRung(hd, 2e6))
  for (let atMs = 0; atMs <= 20_000; atMs += 250) {
    assert.equal(at(300_000, atMs, { share: 0.3 }).shape, '1/1 at 60', `${atMs} ms`)
  }
  at(300_000, 21_000)
  assert.equal(at(300_000, 22_100).shape, '1/2 at 30')
})
