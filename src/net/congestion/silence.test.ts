import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Silence } from './silence.ts'

function sent(silence: Silence, packets: number, nowUs: number): void {
  for (let count = 0; count < packets; count++) silence.onSent(nowUs)
}

test('Silence begins after the patience has run out and comes again every half second', () => {
  const silence = new Silence()
  sent(silence, 8, 0)
  assert.equal(silence.poll(600, 599_000), false)
  assert.equal(silence.poll(600, 600_000), true)
  assert.equal(silence.active, true)
  assert.equal(silence.poll(600, 1_000_000), false)
  assert.equal(silence.poll(600, 1_100_000), true)
})

test('Silence ends with feedback and is counted from the next packet on', () => {
  const silence = new Silence()
  sent(silence, 8, 0)
  assert.equal(silence.poll(600, 700_000), true)
  silence.end()
  assert.equal(silence.active, false)
  assert.equal(silence.poll(600, 5_000_000), false)
  sent(silence, 8, 5_000_000)
  assert.equal(silence.poll(600, 5_500_000), false)
  assert.equal(silence.poll(600, 5_600_000), true)
})

test('Silence is not concluded from a few packets that can all be lost, nor when nothing is sent', () => {
  const silence = new Silence()
  assert.equal(silence.poll(600, 10_000_000), false)
  sent(silence, 7, 0)
  assert.equal(silence.poll(600, 10_000_000), false)
})
