import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OveruseDetector } from './overuse-detector.ts'

test('OveruseDetector tells overuse once the trend has stayed above the threshold and does not fall', () => {
  const detector = new OveruseDetector()
  detector.update(14, 16, 0)
  assert.equal(detector.usage, 'normal')
  detector.update(15, 16, 16)
  assert.equal(detector.usage, 'overuse')
})

test('OveruseDetector waits when the trend is above the threshold but falling', () => {
  const detector = new OveruseDetector()
  for (let index = 0; index < 5; index++) detector.update(20 - index, 16, index * 16)
  assert.equal(detector.usage, 'normal')
})

test('OveruseDetector tells underuse at once and normal in between', () => {
  const detector = new OveruseDetector()
  detector.update(-20, 16, 0)
  assert.equal(detector.usage, 'underuse')
  detector.update(0, 16, 16)
  assert.equal(detector.usage, 'normal')
})

test('OveruseDetector becomes less sensitive where trends are always strong, and sensitive again where they are not', () => {
  const detector = new OveruseDetector()
  let nowMs = 0
  for (let index = 0; index < 400; index++) detector.update(index % 2 ? 20 : -20, 16, (nowMs += 16))
  detector.update(15, 16, (nowMs += 16))
  detector.update(16, 16, (nowMs += 16))
  assert.equal(detector.usage, 'normal')
  for (let index = 0; index < 400; index++) detector.update(0, 16, (nowMs += 16))
  detector.update(7, 16, (nowMs += 16))
  detector.update(8, 16, (nowMs += 16))
  assert.equal(detector.usage, 'overuse')
})

test('OveruseDetector begins anew when it is reset', () => {
  const detector = new OveruseDetector()
  detector.update(14, 16, 0)
  detector.update(15, 16, 16)
  detector.reset()
  assert.equal(detector.usage, 'normal')
})
