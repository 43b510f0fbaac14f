import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { handOverFragment, parseFragment, placeFragment, signInFragment } from './page-fragment.ts'

const nothing = { token: undefined, invite: undefined, handOver: undefined, lobbyId: undefined }

test('parseFragment reads token or invitation, and lobby, in any order, with or without the hash', () => {
  assert.deepEqual(parseFragment('#token=abc&lobby=l1'), { ...nothing, token: 'abc', lobbyId: 'l1' })
  assert.deepEqual(parseFragment('lobby=l1&invite=abc'), { ...nothing, invite: 'abc', lobbyId: 'l1' })
})

test('parseFragment finds nothing in an empty or strange fragment', () => {
  for (const hash of ['', '#', '#token=&lobby=', '#/wall', '#%']) {
    assert.deepEqual(parseFragment(hash), nothing)
  }
})

test('placeFragment leads back to the lobby and carries no token', () => {
  assert.equal(placeFragment(undefined), '')
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (lobbyId) => {
      assert.deepEqual(parseFragment(placeFragment(lobbyId)), { ...nothing, lobbyId })
    }),
  )
})

test('parseFragment reads what handOverFragment wrote', () => {
  const session = fc.option(
    fc.record(
      { sessionId: fc.stringMatching(/^[\w-]+$/), resumeToken: fc.stringMatching(/^[\w-]+$/) },
      { noNullPrototype: true },
    ),
    { nil: undefined },
  )
  const lobbyId = fc.option(fc.string({ minLength: 1 }), { nil: undefined })
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), session, lobbyId, (ticket, resumed, lobby) => {
      const fragment = handOverFragment({ ticket, session: resumed, lobbyId: lobby })
      assert.deepEqual(parseFragment(fragment), { ...nothing, handOver: { ticket, session: resumed }, lobbyId: lobby })
    }),
  )
})

test('signInFragment leads to the same place, signed in, and keeps no other secret', () => {
  assert.equal(signInFragment('abc', ''), '#token=abc')
  assert.equal(signInFragment('abc', '#settings'), '#token=abc&settings=')
  const fragment = signInFragment('abc', '#token=old&invite=link&handover=t&session=a.b&lobby=l1')
  assert.deepEqual(parseFragment(fragment), { ...nothing, token: 'abc', lobbyId: 'l1' })
  assert.equal(fragment, '#token=abc&lobby=l1')
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (token, lobbyId) => {
      const expected = { ...nothing, token, lobbyId }
      assert.deepEqual(parseFragment(signInFragment(token, placeFragment(lobbyId))), expected)
    }),
  )
})
