import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openStore, type Store } from './open-store.ts'
import { newToken } from './token.ts'

const minuteMs = 60_000

function invite(store: Store, options: { maxUses?: number } = {}) {
  return store.invitations.create({ lobbyId: 'games', role: 'viewer', expiresInMs: minuteMs, ...options }).invitation.id
}

function redeem(store: Store, invitationId: string, claim = newToken()) {
  return store.guests.redeem({ invitationId, claim, name: 'Ada' })
}

test('redeem gives everybody a token and an id of their own, with the role and the lobby of the invitation', () => {
  using store = openStore(':memory:', new ManualClock())
  const invitationId = invite(store)
  const [ada, bob] = [redeem(store, invitationId), redeem(store, invitationId)]
  assert.ok(ada.ok && bob.ok)
  assert.notEqual(ada.guest.id, bob.guest.id)
  assert.notEqual(ada.token, bob.token)
  assert.match(ada.token, /^[\w-]{43}$/)
  const found = store.guests.find(ada.token)
  assert.deepEqual([found?.id, found?.role, found?.invitation.lobbyId], [ada.guest.id, 'viewer', 'games'])
  assert.equal(store.invitations.get(invitationId)?.uses, 2)
})

test('redeem answers the same claim with the same token, takes one use, and goes on doing so when it is used up', () => {
  using store = openStore(':memory:', new ManualClock())
  const invitationId = invite(store, { maxUses: 1 })
  const claim = newToken()
  const first = redeem(store, invitationId, claim)
  assert.ok(first.ok)
  const repeated = redeem(store, invitationId, claim)
  assert.ok(repeated.ok)
  assert.deepEqual([repeated.token, repeated.guest.id], [first.token, first.guest.id])
  assert.deepEqual(redeem(store, invitationId), { ok: false, reason: 'used-up' })
  assert.ok(store.guests.find(first.token))
})

test('of two who redeem the last use at once, in two processes, one gets it', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-store-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'store.sqlite')
  using one = openStore(file)
  using other = openStore(file)
  const invitationId = invite(one, { maxUses: 3 })
  const got = Array.from({ length: 10 }, () => [redeem(one, invitationId), redeem(other, invitationId)]).flat()
  assert.equal(got.filter(({ ok }) => ok).length, 3)
  assert.equal(one.guests.list().length, 3)
})

test('a guest is out when the invitation expires or is revoked, and stays when it is used up or destroyed', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const invitationId = store.invitations.create({
    lobbyId: 'games',
    role: 'viewer',
    expiresInMs: minuteMs,
    maxUses: 1,
    pinHash: new Uint8Array(48),
  }).invitation.id
  const claim = newToken()
  assert.ok(redeem(store, invitationId, claim).ok)
  assert.equal(store.guests.list()[0]?.invitation.state, 'used-up')
  while (store.invitations.takePinTry(invitationId));
  assert.equal(store.guests.list()[0]?.invitation.state, 'destroyed')
  assert.ok(redeem(store, invitationId, claim).ok)
  clock.advance(minuteMs)
  assert.deepEqual(store.guests.list(), [])
  assert.deepEqual(redeem(store, invitationId, claim), { ok: false, reason: 'expired' })
  const revoked = invite(store)
  const other = newToken()
  assert.ok(redeem(store, revoked, other).ok)
  store.invitations.revoke(revoked)
  assert.deepEqual(redeem(store, revoked, other), { ok: false, reason: 'revoked' })
})

test('remove ends one guest and nobody else; their claim does not bring them back', () => {
  using store = openStore(':memory:', new ManualClock())
  const invitationId = invite(store)
  const claim = newToken()
  const [ada, bob] = [redeem(store, invitationId, claim), redeem(store, invitationId)]
  assert.ok(ada.ok && bob.ok)
  assert.equal(store.guests.remove(ada.guest.id), true)
  assert.deepEqual(
    store.guests.list().map(({ id }) => id),
    [bob.guest.id],
  )
  assert.notEqual(store.guests.find(ada.token)?.removedMs, undefined)
  assert.deepEqual(redeem(store, invitationId, claim), { ok: false, reason: 'removed' })
  assert.equal(store.guests.remove('nobody'), false)
})

test('forgetExpired of invitations forgets their guests', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const redeemed = redeem(store, invite(store))
  assert.ok(redeemed.ok)
  clock.advance(2 * minuteMs)
  assert.equal(store.invitations.forgetExpired(0), 1)
  assert.equal(store.guests.find(redeemed.token), undefined)
})

test('no order of redemptions, retries, removals and revocations lets in more than there are uses', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('redeem' as const), claim: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ kind: fc.constant('remove' as const), claim: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ kind: fc.constant('revoke' as const), claim: fc.constant(0) }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 30 }), (maxUses, steps) => {
      using store = openStore(':memory:', new ManualClock())
      const invitationId = invite(store, { maxUses })
      const tokens = new Map<number, string>()
      let isRevoked = false
      for (const { kind, claim } of steps) {
        if (kind === 'revoke') isRevoked = store.invitations.revoke(invitationId)
        else if (kind === 'remove') store.guests.remove(store.guests.find(tokens.get(claim) ?? '')?.id ?? '')
        else {
          const redeemed = redeem(store, invitationId, String(claim))
          if (!redeemed.ok) continue
          assert.ok(!isRevoked)
          assert.equal(redeemed.token, tokens.get(claim) ?? redeemed.token)
          tokens.set(claim, redeemed.token)
        }
      }
      assert.ok(tokens.size <= maxUses)
      assert.equal(store.invitations.get(invitationId)?.uses, tokens.size)
    }),
    { numRuns: 30 },
  )
})
