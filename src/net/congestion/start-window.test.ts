import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StartWindow } from './start-window.ts'

test('StartWindow lets thirteen packets out, two more for each that arrived, and all after eight', () => {
  const start = new StartWindow()
  const send = () => {
    let count = 0
    for (; start.hasRoom(1000) && count < 100; count++) start.onSent(1200, 1000)
    return count
  }
  assert.equal(send(), 13)
  for (let word = 0; word < 20; word++) start.onArrived(0)
  start.onArrived(1200)
  assert.equal(send(), 2)
  for (let packet = 1; packet < 8; packet++) start.onArrived(1200)
  assert.equal(start.isOver, true)
  assert.equal(send(), 100)
})

test('StartWindow tries again when nothing is heard', () => {
  const start = new StartWindow()
  for (let packet = 0; packet < 20; packet++) start.onSent(1200, 0)
  assert.equal(start.hasRoom(200_000), false)
  assert.equal(start.hasRoom(300_000), true)
  for (let packet = 0; packet < 13; packet++) start.onSent(1200, 300_000)
  assert.equal(start.hasRoom(500_000), false)
})
