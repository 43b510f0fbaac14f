import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseFragment, placeFragment } from './page-fragment.ts'

test('parseFragment reads token or invitation, and lobby, in any order, with or without the hash', () => {
  assert.deepEqual(parseFragment('#token=abc&lobby=l1'), { token: 'abc', invite: undefined, lobbyId: 'l1' })
  assert.deepEqual(parseFragment('lobby=l1&invite=abc'), { token: undefined, invite: 'abc', lobbyId: 'l1' })
})

test('parseFragment finds nothing in an empty or strange fragment', () => {
  for (const hash of ['', '#', '#token=&lobby=', '#/wall', '#%']) {
    assert.deepEqual(parseFragment(hash), { token: undefined, invite: undefined, lobbyId: undefined })
  }
})

test('placeFragment leads back to the lobby and carries no token', () => {
  assert.equal(placeFragment(undefined), '')
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (lobbyId) => {
      assert.deepEqual(parseFragment(placeFragment(lobbyId)), { token: undefined, invite: undefined, lobbyId })
    }),
  )
})
