import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxPinTries } from '../../store/invitation.ts'
import { openStore, type Store } from '../../store/open-store.ts'
import { hashPin } from '../../store/pin.ts'
import { newToken } from '../../store/token.ts'
import { Redemptions } from './redemptions.ts'

async function inviteWithPin(store: Store, pin: string, maxUses?: number) {
  const { invitation } = store.invitations.create({
    lobbyId: 'games',
    role: 'viewer',
    expiresInMs: 60_000,
    pinHash: await hashPin(pin),
    ...(maxUses !== undefined && { maxUses }),
  })
  return () => store.invitations.get(invitation.id) ?? invitation
}

test('redeem asks for the PIN, counts wrong ones, and takes the right one without counting it', async () => {
  using store = openStore(':memory:')
  const redemptions = new Redemptions(store)
  const invitation = await inviteWithPin(store, '4028')
  const ask = (pin: string | undefined) => redemptions.redeem(invitation(), { claim: newToken(), name: 'Ada', pin })
  assert.deepEqual(await ask(undefined), { ok: false, reason: 'pin-required' })
  assert.deepEqual(await ask('4029'), { ok: false, reason: 'wrong-pin', triesLeft: maxPinTries - 1 })
  assert.ok((await ask('4028')).ok)
  assert.equal(invitation().pinTriesLeft, maxPinTries - 1)
})

test('redeem checks ten wrong PINs and no more, however many come at once, and then the right one is of no use', async () => {
  using store = openStore(':memory:')
  const redemptions = new Redemptions(store)
  const invitation = await inviteWithPin(store, '4028')
  const offer = invitation()
  const ask = (pin: string) => redemptions.redeem(offer, { claim: newToken(), name: 'Mallory', pin })
  const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => ask(String(5000 + index))))
  assert.ok(answers.every(({ ok }) => !ok))
  assert.equal(invitation().state, 'destroyed')
  assert.deepEqual(await ask('4028'), { ok: false, reason: 'destroyed' })
  assert.equal(store.guests.list().length, 0)
})

test('redeem with the same claim gives the same token, whether its first answer came or not', async () => {
  using store = openStore(':memory:')
  const redemptions = new Redemptions(store)
  const invitation = await inviteWithPin(store, '4028', 1)
  const asked = { claim: newToken(), name: ' A\u202Eda\n', pin: '4028' }
  const [first, second] = await Promise.all([
    redemptions.redeem(invitation(), asked),
    redemptions.redeem(invitation(), asked),
  ])
  const third = await redemptions.redeem(invitation(), { ...asked, pin: undefined })
  assert.ok(first.ok && second.ok && third.ok)
  assert.deepEqual([second.token, third.token], [first.token, first.token])
  assert.equal(first.guest.name, 'Ada')
  assert.equal(invitation().uses, 1)
})

test('of two with the right PIN who want the last use at once, one gets it', async () => {
  using store = openStore(':memory:')
  const redemptions = new Redemptions(store)
  const invitation = await inviteWithPin(store, '4028', 1)
  const offer = invitation()
  const ask = () => redemptions.redeem(offer, { claim: newToken(), name: 'Ada', pin: '4028' })
  const answers = await Promise.all([ask(), ask(), ask()])
  assert.deepEqual(answers.map((answer) => (answer.ok ? 'in' : answer.reason)).toSorted(), ['in', 'used-up', 'used-up'])
})
