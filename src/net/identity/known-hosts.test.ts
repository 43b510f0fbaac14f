import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../../wire/wire-error.ts'
import { KnownHosts } from './known-hosts.ts'

const keyOf = (fill: number) => new Uint8Array(32).fill(fill)

test('KnownHosts pins a key at first, knows it again, and takes no other for it', () => {
  const pinned = new KnownHosts().pin({ name: 'box:1', key: keyOf(1), pinnedMs: 5 })
  assert.deepEqual(
    [pinned.judge('box:1', keyOf(1)), pinned.judge('box:1', keyOf(2)), pinned.judge('other:1', keyOf(1))],
    ['known', 'changed', 'new'],
  )
  assert.equal(pinned.pin({ name: 'box:1', key: keyOf(1), pinnedMs: 9 }), pinned)
  assert.throws(() => pinned.pin({ name: 'box:1', key: keyOf(2), pinnedMs: 9 }), /had the key .{19}, and has .{19}/)
  const anew = pinned.forget('box:1').pin({ name: 'box:1', key: keyOf(2), pinnedMs: 9 })
  assert.equal(anew.judge('box:1', keyOf(2)), 'known')
})

test('KnownHosts is read as it was written, and never grows without a bound', () => {
  const host = fc.record({
    name: fc.stringMatching(/^[\w.[\]:-]{1,60}$/),
    key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    pinnedMs: fc.nat(),
  })
  fc.assert(
    fc.property(fc.uniqueArray(host, { selector: ({ name }) => name }), (hosts) => {
      const known = new KnownHosts(hosts.map((each) => ({ ...each })))
      assert.deepEqual(KnownHosts.parse(`# pinned\n\n${known.format()}`).all, known.all)
    }),
  )
  let many = new KnownHosts()
  for (let count = 0; count < 1005; count++) many = many.pin({ name: `h${count}`, key: keyOf(1), pinnedMs: count })
  assert.equal(many.all.length, 1000)
  assert.equal(many.judge('h4', keyOf(1)), 'new')
})

test('KnownHosts refuses a text with a line that is none, whole', () => {
  const good = new KnownHosts().pin({ name: 'box:1', key: keyOf(1), pinnedMs: 5 }).format()
  for (const bad of ['x', good.replace('01', 'zz'), `${good}half a li`, good.replace(' 5', '')]) {
    assert.throws(() => KnownHosts.parse(bad), WireError, bad)
  }
})
