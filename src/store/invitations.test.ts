import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openStore } from './open-store.ts'

const minuteMs = 60_000

test('admit opens the lobby until the invitation expires', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const { invitation, token } = store.invitations.create({ lobbyId: 'games', role: 'player', expiresInMs: minuteMs })
  clock.advance(minuteMs - 1)
  assert.deepEqual(store.invitations.admit(token), { ok: true, invitation })
  clock.advance(1)
  assert.deepEqual(store.invitations.admit(token), { ok: false, reason: 'expired' })
})

test('admit tells revoked from unknown', () => {
  using store = openStore(':memory:', new ManualClock())
  const { invitation, token } = store.invitations.create({ lobbyId: 'games', role: 'viewer', expiresInMs: minuteMs })
  assert.deepEqual(store.invitations.admit(`${token}x`), { ok: false, reason: 'unknown' })
  assert.deepEqual(store.invitations.admit(''), { ok: false, reason: 'unknown' })
  assert.equal(store.invitations.revoke(invitation.id), true)
  assert.deepEqual(store.invitations.admit(token), { ok: false, reason: 'revoked' })
})

test('revoke keeps the first time when it is repeated and is false for an unknown id', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const { invitation } = store.invitations.create({ lobbyId: 'games', role: 'viewer', expiresInMs: minuteMs })
  assert.equal(store.invitations.revoke(invitation.id), true)
  const revokedMs = clock.epochMs()
  clock.advance(10)
  assert.equal(store.invitations.revoke(invitation.id), true)
  assert.equal(store.invitations.get(invitation.id)?.revokedMs, revokedMs)
  assert.equal(store.invitations.revoke('nobody'), false)
})

test('list is newest first and forgetExpired drops only what expired long enough ago', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const create = (expiresInMs: number) =>
    store.invitations.create({ lobbyId: 'games', role: 'viewer', expiresInMs }).invitation.id
  const short = create(minuteMs)
  clock.advance(1)
  const long = create(10 * minuteMs)
  clock.advance(3 * minuteMs)
  assert.deepEqual(
    store.invitations.list().map(({ id }) => id),
    [long, short],
  )
  assert.equal(store.invitations.forgetExpired(5 * minuteMs), 0)
  assert.equal(store.invitations.forgetExpired(minuteMs), 1)
  assert.deepEqual(
    store.invitations.list().map(({ id }) => id),
    [long],
  )
})
