import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { PageKeep, type KeptState } from './page-keep.ts'

function storage(items = new Map<string, string>()) {
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
}
const state: KeptState = {
  session: { id: 's1', resumeToken: 'r1' },
  lobbyId: 'games',
  outbox: { id: 'o1', nextSequence: 3, sentThrough: 1, items: [{ sequence: 2, do: 'say', text: 'Hello' }] },
}
const host = 'ws://host/'

test('PageKeep gives back once what was put', () => {
  const tab = storage()
  new PageKeep({ storage: tab, host, token: 'a' }).put(state)
  const keep = new PageKeep({ storage: tab, host, token: 'a' })
  assert.deepEqual(keep.take(), state)
  assert.equal(keep.take(), undefined)
})

test('PageKeep keeps hosts and persons apart, and writes down no token', () => {
  const tab = storage()
  new PageKeep({ storage: tab, host, token: 'secret-of-ada' }).put(state)
  assert.equal(new PageKeep({ storage: tab, host, token: 'secret-of-bob' }).take(), undefined)
  assert.equal(new PageKeep({ storage: tab, host: 'ws://other/', token: 'secret-of-ada' }).take(), undefined)
  assert.ok(![...tab.items].flat().join().includes('secret-of-ada'))
})

test('PageKeep takes nothing that makes no sense, and survives a browser that keeps nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const items = new Map<string, string>()
      const tab = storage(items)
      const keep = new PageKeep({ storage: tab, host, token: undefined })
      keep.put(state)
      for (const key of items.keys()) items.set(key, text)
      assert.equal(keep.take(), undefined)
    }),
  )
  const full = {
    ...storage(),
    setItem: () => {
      throw new Error('QuotaExceededError')
    },
  }
  const keep = new PageKeep({ storage: full, host, token: undefined })
  keep.put(state)
  assert.equal(keep.take(), undefined)
})

test('PageKeep.takeBack takes back what was put, unless somebody has taken it', () => {
  const tab = storage()
  const keep = new PageKeep({ storage: tab, host, token: 'a' })
  assert.equal(keep.takeBack(), true, 'there was nothing')
  keep.put(state)
  assert.equal(keep.takeBack(), true)
  assert.equal(tab.items.size, 0)
  keep.put(state)
  const other = new PageKeep({ storage: tab, host, token: 'a' })
  other.take()
  other.put({ ...state, lobbyId: 'desk' })
  assert.equal(keep.takeBack(), false)
  assert.equal(tab.items.size, 1, 'what the other one has put is its own')
})
