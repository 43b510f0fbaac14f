import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstRung, nextRung, rungReviewAtMs, shapeOf, type SourceShape } from './rendition-shape.ts'

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

test('nextRung follows a fall after a second and a rise after five, and a rate at the edge never', () => {
  let rung = firstRung(hd, 2e6)
  rung = nextRung(rung, hd, 400_000, 0)
  assert.equal(rungReviewAtMs(rung), 1_000)
  assert.deepEqual(shapeOf(rung, hd), { shrink: 1, fpsDivisor: 1 })
  rung = nextRung(rung, hd, 400_000, 1_000)
  assert.deepEqual(shapeOf(rung, hd), { shrink: 2, fpsDivisor: 2 })
  rung = nextRung(rung, hd, 2e6, 2_000)
  rung = nextRung(rung, hd, 2e6, 6_999)
  assert.deepEqual(shapeOf(rung, hd), { shrink: 2, fpsDivisor: 2 })
  rung = nextRung(rung, hd, 2e6, 7_000)
  assert.deepEqual(shapeOf(rung, hd), { shrink: 1, fpsDivisor: 1 })
  assert.equal(rungReviewAtMs(rung), undefined)
  const low = firstRung(hd, 1_150_000)
  assert.deepEqual(nextRung(nextRung(low, hd, 1_250_000, 0), hd, 1_250_000, 60_000), low)
})

test('nextRung forgets a fall that has passed', () => {
  let rung = nextRung(firstRung(hd, 2e6), hd, 400_000, 0)
  rung = nextRung(rung, hd, 2e6, 900)
  rung = nextRung(rung, hd, 400_000, 1_100)
  assert.deepEqual(shapeOf(rung, hd), { shrink: 1, fpsDivisor: 1 })
})
