import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Attempts, sourceOf } from './attempts.ts'

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

test('sourceOf takes a /64 for one source and an IPv4 address for itself, however it is written', () => {
  assert.equal(sourceOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(sourceOf('2001:db8:1:2::9'), '2001:db8:1:2::/64')
  assert.equal(sourceOf('2001:0db8::1'), '2001:db8:0:0::/64')
  assert.equal(sourceOf('::1'), '0:0:0:0::/64')
  assert.equal(sourceOf('fe80::1%eth0'), 'fe80:0:0:0::/64')
  assert.equal(sourceOf('::ffff:10.0.0.1'), '10.0.0.1')
  assert.equal(sourceOf('10.0.0.1'), '10.0.0.1')
})

test('sourceOf is the same for all addresses of one /64, written in full or short', () => {
  const half = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(half, half, half, (network, one, other) => {
      const full = [...network, ...one].map((group) => group.toString(16).padStart(4, '0')).join(':')
      const short = new URL(`http://[${[...network, ...other].map((group) => group.toString(16)).join(':')}]`).hostname
      assert.equal(sourceOf(full), sourceOf(short.slice(1, -1)))
    }),
  )
})
