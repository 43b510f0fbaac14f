import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PathLoss } from './path-loss.ts'

/** Fifty packets in each fifth of a second, of which every tenth is lost, for so long. */
function losing(loss: PathLoss, queueMs: number, seconds: number, fromUs = 0): number {
  for (let step = 0; step < seconds * 5; step++) {
    for (let packet = 0; packet < 50; packet++) loss.add(packet % 10 === 0, queueMs)
    loss.look(queueMs, fromUs + step * 200_000)
  }
  return fromUs + seconds * 1e6
}

test('PathLoss is what is lost while nothing waits', () => {
  const loss = new PathLoss()
  losing(loss, 5, 5)
  assert.ok(Math.abs(loss.ratio - 0.1) < 0.005, String(loss.ratio))
})

test('PathLoss leaves out what is lost in a queue of its own making, and not in one that stays', () => {
  const loss = new PathLoss()
  const laterUs = losing(loss, 200, 1.8)
  assert.equal(loss.ratio, 0)
  assert.equal(loss.isOfQueue(200), true)
  losing(loss, 200, 3, laterUs)
  assert.ok(loss.ratio > 0.05, String(loss.ratio))
  assert.equal(loss.isOfQueue(200), false)
})

test('PathLoss takes back what came late', () => {
  const loss = new PathLoss()
  losing(loss, 5, 1)
  const before = loss.ratio
  for (let packet = 0; packet < 5; packet++) loss.add(true, 5)
  for (let packet = 0; packet < 5; packet++) loss.onLate()
  for (let packet = 0; packet < 50; packet++) loss.add(false, 5)
  loss.look(5, 2e6)
  assert.ok(loss.ratio < before)
})
