import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { ManualClock } from '../kernel/manual-clock.ts'
import { maxPinTries } from './invitation.ts'
import { migrations } from './migrations.ts'
import { openStore } from './open-store.ts'
import { hashToken, newToken } from './token.ts'

const minuteMs = 60_000
const games = { lobbyId: 'games', role: 'player', expiresInMs: minuteMs } as const
const pinHash = new Uint8Array(48)

test('an invitation is open until it expires, or is revoked', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const { invitation, token } = store.invitations.create(games)
  clock.advance(minuteMs - 1)
  assert.deepEqual(store.invitations.find(token), invitation)
  assert.equal(invitation.state, 'open')
  clock.advance(1)
  assert.equal(store.invitations.find(token)?.state, 'expired')
  store.invitations.revoke(invitation.id)
  assert.equal(store.invitations.get(invitation.id)?.state, 'revoked')
})

test('forgetUseless forgets what lets nobody in and nobody stay, and nothing else', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const make = (lobbyId: string, expiresInMs = minuteMs) => {
    return store.invitations.create({ ...games, lobbyId, expiresInMs }).invitation.id
  }
  const kept = make('games')
  make('games', 1)
  make('gone')
  store.invitations.revoke(make('games'))
  clock.advance(1)
  store.invitations.forgetUseless((lobbyId) => lobbyId === 'games')
  assert.deepEqual(
    store.invitations.list().map(({ id }) => id),
    [kept],
  )
})

test('find knows no token but that of an invitation', () => {
  using store = openStore(':memory:', new ManualClock())
  const { invitation, token } = store.invitations.create(games)
  assert.equal(store.invitations.find(`${token}x`), undefined)
  assert.equal(store.invitations.find(''), undefined)
  assert.equal(store.invitations.find(invitation.id), undefined)
})

test('an invitation lives no longer when the clock is set back, neither while the server runs nor when it is started again', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-store-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'store.sqlite')
  const clock = new ManualClock()
  let setBackMs = 0
  const moved = { ...clockParts(clock), epochMs: () => clock.epochMs() - setBackMs }
  const first = openStore(file, moved)
  const { token } = first.invitations.create(games)
  setBackMs = 10 * minuteMs
  clock.advance(minuteMs - 1)
  assert.equal(first.invitations.find(token)?.state, 'open')
  clock.advance(1)
  assert.equal(first.invitations.find(token)?.state, 'expired')
  first.close()
  using second = openStore(file, moved)
  assert.equal(second.invitations.find(token)?.state, 'expired')
})

test('revoke keeps the first time when it is repeated and is false for an unknown id', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const { invitation } = store.invitations.create(games)
  assert.equal(store.invitations.revoke(invitation.id), true)
  const revokedMs = clock.epochMs()
  clock.advance(10)
  assert.equal(store.invitations.revoke(invitation.id), true)
  assert.equal(store.invitations.get(invitation.id)?.revokedMs, revokedMs)
  assert.equal(store.invitations.revoke('nobody'), false)
})

test('takePinTry gives as many tries as there are, at two processes together, and a right one back', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-store-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'store.sqlite')
  using one = openStore(file)
  using other = openStore(file)
  const { id } = one.invitations.create({ ...games, pinHash }).invitation
  let given = 0
  for (let round = 0; round < 20; round++) {
    for (const { invitations } of [one, other]) if (invitations.takePinTry(id)) given++
  }
  assert.equal(given, maxPinTries)
  assert.equal(other.invitations.get(id)?.state, 'destroyed')
  one.invitations.giveBackPinTry(id)
  const { state, pinTriesLeft } = other.invitations.get(id) ?? {}
  assert.deepEqual([state, pinTriesLeft], ['open', 1])
})

test('takePinTry gives nothing for an invitation without a PIN', () => {
  using store = openStore(':memory:')
  assert.equal(store.invitations.takePinTry(store.invitations.create(games).invitation.id), undefined)
  assert.equal(store.invitations.takePinTry('nobody'), undefined)
})

test('list is newest first and forgetExpired drops only what expired long enough ago', () => {
  const clock = new ManualClock()
  using store = openStore(':memory:', clock)
  const create = (expiresInMs: number) => store.invitations.create({ ...games, expiresInMs }).invitation.id
  const short = create(minuteMs)
  clock.advance(1)
  const long = create(10 * minuteMs)
  clock.advance(3 * minuteMs)
  const ids = () => store.invitations.list().map(({ id }) => id)
  assert.deepEqual(ids(), [long, short])
  assert.equal(store.invitations.forgetExpired(5 * minuteMs), 0)
  assert.equal(store.invitations.forgetExpired(minuteMs), 1)
  assert.deepEqual(ids(), [long])
})

test('an invitation of an earlier version works on as one without PIN and number of uses', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-store-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'store.sqlite')
  const [openToken, revokedToken] = [newToken(), newToken()]
  const earlier = new DatabaseSync(file)
  earlier.exec(`${migrations[0]} PRAGMA application_id = 0x504c6974; PRAGMA user_version = 1`)
  const insert = earlier.prepare('INSERT INTO invitation VALUES (?, ?, ?, ?, ?, ?, ?)')
  const expiresMs = Date.now() + minuteMs
  insert.run('i1', hashToken(openToken), 'games', 'player', 1, expiresMs, null)
  insert.run('i2', hashToken(revokedToken), 'games', 'viewer', 2, expiresMs, 3)
  earlier.close()
  using store = openStore(file)
  assert.deepEqual(store.invitations.find(openToken), {
    id: 'i1',
    lobbyId: 'games',
    role: 'player',
    createdMs: 1,
    expiresMs,
    revokedMs: undefined,
    maxUses: undefined,
    uses: 0,
    hasPin: false,
    pinTriesLeft: maxPinTries,
    state: 'open',
  })
  assert.equal(store.invitations.find(revokedToken)?.state, 'revoked')
  assert.ok(store.guests.redeem({ invitationId: 'i1', claim: newToken(), name: 'Ada' }).ok)
})

function clockParts(clock: ManualClock) {
  return {
    nowMs: () => clock.nowMs(),
    after: (delayMs: number, call: () => void) => clock.after(delayMs, call),
    every: (periodMs: number, call: () => void) => clock.every(periodMs, call),
  }
}
