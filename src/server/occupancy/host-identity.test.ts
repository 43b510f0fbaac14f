import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../store/open-store.ts'
import { hostIdentity, isAtHome } from './host-identity.ts'
import type { DirectoryIdentity } from './directory-identity.ts'

const original: DirectoryIdentity = { boot: 'a', device: '1', inode: '256', bornNs: '5', path: '/data' }
const copy: DirectoryIdentity = { ...original, inode: '300' }

test('a host keeps what it is known by as long as its data stay where they are, and a copy of them is another host', () => {
  using store = openStore(':memory:')
  assert.ok(isAtHome(store.settings, original))
  const { id, isCopy } = hostIdentity(store.settings, original)
  assert.match(id, /^[\da-f]{12}$/)
  assert.equal(isCopy, false)
  assert.deepEqual(hostIdentity(store.settings, { ...original, path: '/moved' }), { id, isCopy: false })
  const afterBoot = { ...original, boot: 'b', device: '7', path: '/moved' }
  assert.deepEqual(hostIdentity(store.settings, afterBoot), { id, isCopy: false })

  assert.ok(!isAtHome(store.settings, copy))
  const other = hostIdentity(store.settings, copy)
  assert.notEqual(other.id, id)
  assert.equal(other.isCopy, true)
  assert.ok(isAtHome(store.settings, copy))
  assert.deepEqual(hostIdentity(store.settings, copy), { id: other.id, isCopy: false })
})

test('a host whose name is damaged gets another one', () => {
  for (const text of [
    '',
    '{',
    '[]',
    '{"id":"../../etc","place":{}}',
    JSON.stringify({ id: 'A'.repeat(12), place: original }),
  ]) {
    using store = openStore(':memory:')
    store.settings.set('host', text)
    assert.match(hostIdentity(store.settings, original).id, /^[\da-f]{12}$/)
  }
})
