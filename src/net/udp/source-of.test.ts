import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { sourceOf } from './source-of.ts'

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
