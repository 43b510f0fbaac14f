import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Attempts } from './attempts.ts'

const limits = { attempts: 3, windowMs: 1000, sources: 4 }

test('add makes a source wait only beyond its limit, and only until its window ends', () => {
  const clock = new ManualClock()
  const attempts = new Attempts(clock, limits)
  for (let count = 0; count < 3; count++) assert.equal(attempts.add('10.0.0.1'), 0)
  clock.advance(400)
  assert.equal(attempts.add('10.0.0.1'), 600)
  assert.equal(attempts.add('10.0.0.2'), 0)
  clock.advance(600)
  assert.equal(attempts.add('10.0.0.1'), 0)
})

test('add remembers no more sources than it may', () => {
  const attempts = new Attempts(new ManualClock(), limits)
  for (let host = 0; host < 100; host++) attempts.add(`10.0.0.${host}`)
  assert.equal(attempts.size, 4)
})
