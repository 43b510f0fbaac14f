import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from './open-store.ts'
import { newToken } from './token.ts'

test('ownerToken matches nothing before one is made', () => {
  using store = openStore(':memory:')
  assert.equal(store.ownerToken.exists, false)
  assert.equal(store.ownerToken.matches(''), false)
})

test('ownerToken matches the last one made and no other', () => {
  using store = openStore(':memory:')
  const first = store.ownerToken.replace()
  assert.equal(store.ownerToken.exists, true)
  assert.ok(store.ownerToken.matches(first))
  const second = store.ownerToken.replace()
  assert.ok(store.ownerToken.matches(second))
  assert.ok(!store.ownerToken.matches(first))
  assert.ok(!store.ownerToken.matches(newToken()))
})

test('newToken has 256 bits in base64url and never repeats', () => {
  const tokens = new Set(Array.from({ length: 1000 }, newToken))
  assert.equal(tokens.size, 1000)
  for (const token of tokens) assert.match(token, /^[\w-]{43}$/)
})
