import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownStorage } from './own-storage.ts'
import type { StorageLike } from './storage-like.ts'

function memory(): StorageLike & { readonly items: Map<string, string> } {
  const items = new Map<string, string>()
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}

const refusals = {
  'throws when it is asked for': () => {
    throw new DOMException('Access is denied for this document', 'SecurityError')
  },
  'is not there': () => null,
  'refuses every use': (): StorageLike => {
    const refuse = () => {
      throw new DOMException('The quota has been exceeded', 'QuotaExceededError')
    }
    return { getItem: refuse, setItem: refuse, removeItem: refuse }
  },
}

for (const [how, open] of Object.entries(refusals)) {
  test(`ownStorage keeps things for the page where the browser's ${how}`, () => {
    const storage = ownStorage(open)
    assert.equal(storage.getItem('a'), null)
    storage.setItem('a', '1')
    assert.equal(storage.getItem('a'), '1')
    storage.removeItem('a')
    assert.equal(storage.getItem('a'), null)
  })
}

test('ownStorage uses the storage of the browser, and what did not fit there is the newer', () => {
  const browser = memory()
  let isFull = false
  const storage = ownStorage(() => ({
    ...browser,
    setItem(key, value) {
      if (isFull) throw new DOMException('Full', 'QuotaExceededError')
      browser.setItem(key, value)
    },
  }))
  storage.setItem('a', '1')
  assert.equal(browser.items.get('a'), '1')
  isFull = true
  storage.setItem('a', '2')
  assert.equal(storage.getItem('a'), '2')
  isFull = false
  storage.setItem('a', '3')
  assert.deepEqual([storage.getItem('a'), browser.items.get('a')], ['3', '3'])
})
