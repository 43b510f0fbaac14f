import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Trendline } from './trendline.ts'

function after(deltas: readonly number[]): number {
  const trendline = new Trendline()
  for (const [index, deltaMs] of deltas.entries()) trendline.add(deltaMs, (index + 1) * 20)
  return trendline.trendMs
}

test('Trendline says nothing before its window is full', () => {
  assert.equal(after(Array<number>(19).fill(5)), 0)
  assert.ok(after(Array<number>(20).fill(5)) > 0)
})

test('Trendline is the slope of the delay, scaled, when the delay grows steadily', () => {
  const slope = 2 / 20
  assert.ok(Math.abs(after(Array<number>(200).fill(2)) - slope * 4 * 60) < 0.1)
  assert.ok(Math.abs(after(Array<number>(200).fill(-2)) + slope * 4 * 60) < 0.1)
})

test('Trendline is flat when the delay goes up and down', () => {
  assert.ok(Math.abs(after(Array.from({ length: 200 }, (_, index) => (index % 2 ? 8 : -8)))) < 1)
})

test('Trendline forgets everything when it is reset', () => {
  const trendline = new Trendline()
  for (let index = 0; index < 50; index++) trendline.add(5, index * 20)
  trendline.reset()
  assert.equal(trendline.trendMs, 0)
})
