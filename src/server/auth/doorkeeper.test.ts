import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openStore } from '../../store/open-store.ts'
import { Doorkeeper, replaceOwnerToken } from './doorkeeper.ts'

test('admit knows the owner by the last token that was made', () => {
  using store = openStore(':memory:')
  const doorkeeper = new Doorkeeper(store)
  assert.deepEqual(doorkeeper.admit('x'.repeat(43)), { ok: false, reason: 'unknown' })
  const first = doorkeeper.admit(replaceOwnerToken(store))
  assert.ok(first.ok && first.member.role === 'owner' && first.member.lobbyId === undefined)
  const second = doorkeeper.admit(replaceOwnerToken(store))
  assert.ok(second.ok)
  assert.notEqual(second.member.id, first.member.id)
})

test('isStillWelcome ends for the owner when the token is replaced', () => {
  using store = openStore(':memory:')
  const doorkeeper = new Doorkeeper(store)
  const admitted = doorkeeper.admit(replaceOwnerToken(store))
  assert.ok(admitted.ok && doorkeeper.isStillWelcome(admitted.member, 0))
  replaceOwnerToken(store)
  assert.ok(!doorkeeper.isStillWelcome(admitted.member, 0))
})

test('admit turns an invitation into the same member each time, until it expires', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const doorkeeper = new Doorkeeper(store)
  const { invitation, token } = store.invitations.create({ lobbyId: 'games', role: 'viewer', expiresInMs: 1000 })
  const expected = { id: invitation.id, name: 'Viewer', role: 'viewer', lobbyId: 'games' } as const
  const admitted = doorkeeper.admit(token)
  assert.deepEqual(admitted, { ok: true, member: expected, expiresMs: clock.epochMs() + 1000 })
  assert.deepEqual(doorkeeper.admit(token), admitted)
  assert.ok(doorkeeper.isStillWelcome(expected, clock.epochMs() + 999))
  assert.ok(!doorkeeper.isStillWelcome(expected, clock.epochMs() + 1000))
  clock.advance(1000)
  assert.deepEqual(doorkeeper.admit(token), { ok: false, reason: 'expired' })
})

test('admit and isStillWelcome refuse a revoked invitation', () => {
  using store = openStore(':memory:')
  const doorkeeper = new Doorkeeper(store)
  const { invitation, token } = store.invitations.create({ lobbyId: 'games', role: 'player', expiresInMs: 60_000 })
  const admitted = doorkeeper.admit(token)
  store.invitations.revoke(invitation.id)
  assert.deepEqual(doorkeeper.admit(token), { ok: false, reason: 'revoked' })
  assert.ok(admitted.ok && !doorkeeper.isStillWelcome(admitted.member, 0))
})

test('admit looks nothing up for what cannot be a token', () => {
  using store = openStore(':memory:')
  const doorkeeper = new Doorkeeper(store)
  replaceOwnerToken(store)
  store.close()
  for (const token of ['', 'short', `${'x'.repeat(42)} `, 'x'.repeat(10_000)]) {
    assert.deepEqual(doorkeeper.admit(token), { ok: false, reason: 'unknown' })
  }
})
