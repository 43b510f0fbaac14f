import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Moderation } from './moderation.ts'

/** What it says after packets have come at a rate for some time, in wake-ups a millisecond apart. */
function after(moderation: Moderation, perMs: number, [fromMs, toMs]: readonly [number, number]): number {
  for (let nowMs = fromMs; nowMs < toMs; nowMs++) moderation.add(perMs, nowMs)
  return moderation.pauseUs
}

test('Moderation reads each packet at once while few come, and waits for some while many do, but never for long', () => {
  assert.equal(after(new Moderation(0), 1, [0, 1000]), 0)
  assert.equal(after(new Moderation(0), 10, [0, 1000]), 0)
  for (const perMs of [16, 20, 40, 80, 1000]) {
    const pauseUs = after(new Moderation(0), perMs, [0, 1000])
    assert.ok(pauseUs >= 200 && pauseUs <= 500, `${pauseUs} µs at ${perMs}`)
  }
})

test('Moderation is not misled by one burst, and forgets when nothing has come for a while', () => {
  const moderation = new Moderation(0)
  after(moderation, 1, [0, 100])
  moderation.add(60, 100)
  assert.equal(after(moderation, 1, [101, 106]), 0)
  assert.ok(after(moderation, 50, [106, 300]) > 0)
  moderation.add(1, 400)
  assert.equal(moderation.pauseUs, 0)
})
