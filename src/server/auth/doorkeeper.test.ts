import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { newToken } from '../../store/token.ts'
import { openStore } from '../../store/open-store.ts'
import { AppTokens } from './app-tokens.ts'
import { openDoorkeeper } from './open-doorkeeper.ts'

const byToken = (token: string) => ({ kind: 'token', token }) as const

test('admit knows the owner by the last token that was made', async () => {
  using store = openStore(':memory:')
  const { doorkeeper } = openDoorkeeper({ store, apps: new AppTokens('http://127.0.0.1/api/v1') })
  assert.deepEqual(await doorkeeper.admit(byToken('x'.repeat(43))), { ok: false, reason: 'unknown' })
  const first = await doorkeeper.admit(byToken(store.ownerToken.replace()))
  assert.ok(first.ok && first.member.role === 'owner' && first.member.lobbies === 'all')
  const second = await doorkeeper.admit(byToken(store.ownerToken.replace()))
  assert.ok(second.ok)
  assert.notEqual(second.member.id, first.member.id)
})

test('asOfNow ends for the owner when the token is replaced', async () => {
  using store = openStore(':memory:')
  const { doorkeeper } = openDoorkeeper({ store, apps: new AppTokens('http://127.0.0.1/api/v1') })
  const admitted = await doorkeeper.admit(byToken(store.ownerToken.replace()))
  assert.ok(admitted.ok && (await doorkeeper.asOfNow(admitted.member)))
  store.ownerToken.replace()
  assert.equal(await doorkeeper.asOfNow(admitted.member), undefined)
})

test('admit turns a link that neither counts nor asks for a PIN into the same member each time, until it expires', async () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const { doorkeeper } = openDoorkeeper({ store, apps: new AppTokens('http://127.0.0.1/api/v1') })
  const { invitation, token } = store.invitations.create({ lobbyId: 'games', role: 'viewer', expiresInMs: 1000 })
  const expected = {
    id: invitation.id,
    name: 'Viewer',
    role: 'viewer',
    lobbies: ['games'],
    invitationId: invitation.id,
  } as const
  const admitted = await doorkeeper.admit(byToken(token))
  assert.deepEqual(admitted, { ok: true, member: expected, expiresMs: clock.epochMs() + 1000, isLink: true })
  assert.deepEqual(await doorkeeper.admit(byToken(token)), admitted)
  clock.advance(999)
  assert.deepEqual(await doorkeeper.asOfNow(expected), expected)
  clock.advance(1)
  assert.equal(await doorkeeper.asOfNow(expected), undefined)
  assert.deepEqual(await doorkeeper.admit(byToken(token)), { ok: false, reason: 'expired' })
})

test('admit takes no link that counts or asks for a PIN: it has to be redeemed', async () => {
  using store = openStore(':memory:')
  const { doorkeeper } = openDoorkeeper({ store, apps: new AppTokens('http://127.0.0.1/api/v1') })
  const games = { lobbyId: 'games', role: 'player', expiresInMs: 60_000 } as const
  for (const how of [{ maxUses: 1 }, { pinHash: new Uint8Array(48) }]) {
    const { token } = store.invitations.create({ ...games, ...how })
    assert.deepEqual(await doorkeeper.admit(byToken(token)), { ok: false, reason: 'not-redeemed' })
  }
})

test('admit and asOfNow refuse a revoked invitation', async () => {
  using store = openStore(':memory:')
  const { doorkeeper } = openDoorkeeper({ store, apps: new AppTokens('http://127.0.0.1/api/v1') })
  const { invitation, token } = store.invitations.create({ lobbyId: 'games', role: 'player', expiresInMs: 60_000 })
  const admitted = await doorkeeper.admit(byToken(token))
  store.invitations.revoke(invitation.id)
  assert.deepEqual(await doorkeeper.admit(byToken(token)), { ok: false, reason: 'revoked' })
  assert.ok(admitted.ok && !(await doorkeeper.asOfNow(admitted.member)))
})

test('admit knows a guest by the personal token, with the role of now, until they are removed', async () => {
  using store = openStore(':memory:')
  const { doorkeeper } = openDoorkeeper({ store, apps: new AppTokens('http://127.0.0.1/api/v1') })
  const { invitation } = store.invitations.create({ lobbyId: 'games', role: 'viewer', expiresInMs: 60_000, maxUses: 1 })
  const redeemed = store.guests.redeem({ invitationId: invitation.id, claim: 'c', name: 'Ada' })
  assert.ok(redeemed.ok)
  const { token, guest } = redeemed
  const ada = { id: guest.id, name: 'Ada', role: 'viewer', lobbies: ['games'], invitationId: invitation.id } as const
  assert.deepEqual(await doorkeeper.admit(byToken(token)), {
    ok: true,
    member: ada,
    expiresMs: invitation.expiresMs,
    isLink: false,
  })
  store.guests.changeRole(guest.id, 'player')
  assert.deepEqual(await doorkeeper.asOfNow(ada), { ...ada, role: 'player' })
  store.guests.remove(guest.id)
  assert.equal(await doorkeeper.asOfNow(ada), undefined)
  assert.deepEqual(await doorkeeper.admit(byToken(token)), { ok: false, reason: 'removed' })
})

test('admit looks nothing up for what cannot be a token', async () => {
  using store = openStore(':memory:')
  const { doorkeeper } = openDoorkeeper({ store, apps: new AppTokens('http://127.0.0.1/api/v1') })
  store.ownerToken.replace()
  store.close()
  for (const token of ['', 'short', `${'x'.repeat(42)} `, 'x'.repeat(10_000)]) {
    assert.deepEqual(await doorkeeper.admit(byToken(token)), { ok: false, reason: 'unknown' })
  }
})

test('admit knows the app of a lobby while it runs', async () => {
  using store = openStore(':memory:')
  const apps = new AppTokens('http://127.0.0.1/api/v1')
  const { doorkeeper } = openDoorkeeper({ store, apps })
  const access = apps.grant('games')
  const admitted = await doorkeeper.admit(byToken(access.env['PORCHLIGHT_TOKEN'] ?? ''))
  assert.ok(admitted.ok && admitted.member.role === 'app')
  assert.deepEqual(admitted.member.lobbies, ['games'])
  assert.ok(await doorkeeper.asOfNow(admitted.member))
  access[Symbol.dispose]()
  assert.equal(await doorkeeper.asOfNow(admitted.member), undefined)
  assert.deepEqual(await doorkeeper.admit(byToken(access.env['PORCHLIGHT_TOKEN'] ?? '')), {
    ok: false,
    reason: 'unknown',
  })
})

test("the token of this machine is as good as the owner's, as long as it is the one of this start", async () => {
  using store = openStore(':memory:')
  const apps = new AppTokens('http://127.0.0.1/api/v1')
  const [local, older] = [newToken(), newToken()]
  const { doorkeeper } = openDoorkeeper({ store, apps, localToken: local })
  const admitted = await doorkeeper.admit(byToken(local))
  assert.ok(admitted.ok && admitted.member.role === 'owner')
  assert.deepEqual(await doorkeeper.admit(byToken(older)), { ok: false, reason: 'unknown' })
  assert.deepEqual(await openDoorkeeper({ store, apps }).doorkeeper.admit(byToken(local)), {
    ok: false,
    reason: 'unknown',
  })
})
