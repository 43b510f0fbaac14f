import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TokenStore, type StorageLike } from './token-store.ts'

class MemoryStorage implements StorageLike {
  readonly #items = new Map<string, string>()

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value)
  }

  removeItem(key: string): void {
    this.#items.delete(key)
  }
}

/** A browser in which tabs can be opened. */
function browsing() {
  const browser = new MemoryStorage()
  return { openTab: () => new TokenStore({ tab: new MemoryStorage(), browser }) }
}

test('TokenStore keeps a share link to its tab: a second tab is a second person', () => {
  const { openTab } = browsing()
  const first = openTab()
  const second = openTab()
  first.adopt('owner')
  first.rememberOwner('owner')
  second.adopt('guest')
  assert.equal(first.token, 'owner')
  assert.equal(second.token, 'guest')
})

test('TokenStore finds the owner again in a new tab, and nobody else', () => {
  const { openTab } = browsing()
  const first = openTab()
  first.adopt('guest')
  assert.equal(openTab().token, undefined)
  first.adopt('owner')
  first.rememberOwner('owner')
  assert.equal(openTab().token, 'owner')
})

test('TokenStore forgets a refused token and keeps the other one', () => {
  const { openTab } = browsing()
  const tab = openTab()
  tab.rememberOwner('owner')
  tab.adopt('guest')
  tab.forget('guest')
  assert.equal(tab.token, 'owner')
  tab.forget('owner')
  assert.equal(tab.token, undefined)
})

test('TokenStore gives a kept session back once', () => {
  const tab = browsing().openTab()
  tab.adopt('owner')
  assert.equal(tab.takeSession(), undefined)
  tab.keepSession({ sessionId: 's1', resumeToken: 'r1' })
  assert.deepEqual(tab.takeSession(), { sessionId: 's1', resumeToken: 'r1' })
  assert.equal(tab.takeSession(), undefined)
})

test('TokenStore keeps no session from one person to another', () => {
  const tab = browsing().openTab()
  tab.adopt('owner')
  tab.keepSession({ sessionId: 's1', resumeToken: 'r1' })
  tab.adopt('owner')
  tab.adopt('guest')
  assert.equal(tab.takeSession(), undefined)
  tab.keepSession({ sessionId: 's2', resumeToken: 'r2' })
  tab.forget('guest')
  assert.equal(tab.takeSession(), undefined)
})
