import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StorageLike } from './storage-like.ts'
import { TokenStore } from './token-store.ts'

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
  assert.equal(first.tokenFor(undefined), 'owner')
  assert.equal(second.tokenFor(undefined), 'guest')
})

test('TokenStore finds the owner again in a new tab, and nobody else', () => {
  const { openTab } = browsing()
  const first = openTab()
  first.adopt('guest')
  assert.equal(openTab().tokenFor(undefined), undefined)
  first.adopt('owner')
  first.rememberOwner('owner')
  assert.equal(openTab().tokenFor(undefined), 'owner')
})

test('TokenStore forgets a refused token and keeps the other one', () => {
  const { openTab } = browsing()
  const tab = openTab()
  tab.rememberOwner('owner')
  tab.adopt('guest')
  tab.forget('guest')
  assert.equal(tab.tokenFor(undefined), 'owner')
  tab.forget('owner')
  assert.equal(tab.tokenFor(undefined), undefined)
})

test('TokenStore finds a guest again in a new tab, by the lobby, and keeps an owner an owner', () => {
  const { openTab } = browsing()
  const guest = { claim: 'c', invitationId: 'i1', lobbyId: 'games', token: 'games-guest' }
  openTab().guests.put(guest)
  openTab().guests.put({ ...guest, invitationId: 'i2', lobbyId: 'work', token: 'work-guest' })
  assert.equal(openTab().tokenFor('games'), 'games-guest')
  assert.equal(openTab().tokenFor(undefined), 'work-guest')
  openTab().forget('work-guest')
  assert.equal(openTab().tokenFor(undefined), 'games-guest')
  openTab().rememberOwner('owner')
  assert.equal(openTab().tokenFor('games'), 'owner')
})

test('TokenStore keeps an unredeemed link to its tab until it is dropped', () => {
  const { openTab } = browsing()
  const tab = openTab()
  tab.keepInvite('link')
  assert.equal(tab.invite, 'link')
  assert.equal(openTab().invite, undefined)
  tab.dropInvite()
  assert.equal(tab.invite, undefined)
})
