import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '../../domain/member.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { maxDevicesPerMember } from '../../store/devices.ts'
import { openStore } from '../../store/open-store.ts'
import { AppTokens } from './app-tokens.ts'
import { openDoorkeeper } from './open-doorkeeper.ts'
import { PairedDevices } from './paired-devices.ts'

const certificate = { kind: 'certificate', fingerprint: 'AB:'.repeat(31) + 'cd' } as const
const key = { kind: 'key', fingerprint: '01'.repeat(32) } as const

/** Ada has come by a link to `games`; `owner` is the owner as they are now. */
async function openScene() {
  const clock = new ManualClock()
  const store = openStore(':memory:', clock)
  const { doorkeeper } = openDoorkeeper({ store, apps: new AppTokens('http://127.0.0.1/api/v1') })
  const { invitation } = store.invitations.create({ lobbyId: 'games', role: 'player', expiresInMs: 3600_000 })
  const redeemed = store.guests.redeem({ invitationId: invitation.id, claim: 'c', name: 'Ada' })
  assert.ok(redeemed.ok)
  const memberBy = async (token: string): Promise<Member> => {
    const admitted = await doorkeeper.admit({ kind: 'token', token })
    assert.ok(admitted.ok)
    return admitted.member
  }
  const ada = await memberBy(redeemed.token)
  const owner = await memberBy(store.ownerToken.replace())
  const devices = new PairedDevices({ devices: store.devices, doorkeeper })
  return { clock, store, doorkeeper, devices, ada, owner }
}

test('a device that was paired is let in as its member, with what they may do now, by its certificate or its key', async () => {
  const { store, devices, ada } = await openScene()
  assert.deepEqual(await devices.admitDevice(certificate), { ok: false, reason: 'unknown' })
  const tv = await devices.pairDevice({ member: ada, credential: certificate, name: ' Living \u202E room ' })
  assert.deepEqual([tv.name, tv.kind, tv.memberId, tv.seenMs], ['Living room', 'certificate', ada.id, undefined])
  assert.equal(tv.fingerprint, certificate.fingerprint.toUpperCase())
  store.guests.changeRole(ada.id, 'viewer')
  const admitted = await devices.admitDevice({ ...certificate, fingerprint: 'ab'.repeat(31) + 'CD' })
  assert.ok(admitted.ok)
  const device = { id: tv.id, kind: 'certificate', name: 'Living room' }
  assert.deepEqual(admitted.member, { ...ada, role: 'viewer', device })
  assert.deepEqual(await devices.admitDevice(key), { ok: false, reason: 'unknown' })
  await devices.pairDevice({ member: ada, credential: key, name: '' })
  assert.ok((await devices.admitDevice(key)).ok)
  store.guests.remove(ada.id)
  for (const credential of [certificate, key]) {
    assert.deepEqual(await devices.admitDevice(credential), { ok: false, reason: 'removed' })
  }
})

test('asOfNow keeps who is here on a device while it is theirs, and nobody on one that was taken away', async () => {
  const { store, doorkeeper, devices, ada, owner } = await openScene()
  const tv = await devices.pairDevice({ member: ada, credential: certificate, name: 'TV' })
  const admitted = await devices.admitDevice(certificate)
  assert.ok(admitted.ok)
  assert.deepEqual(await doorkeeper.asOfNow(admitted.member), admitted.member)
  await devices.pairDevice({ member: owner, credential: certificate, name: 'TV' })
  assert.equal(await doorkeeper.asOfNow(admitted.member), undefined, 'it is the owner’s now')
  const ofOwner = await devices.admitDevice(certificate)
  assert.ok(ofOwner.ok && ofOwner.member.role === 'owner')
  assert.deepEqual(store.devices.list(ada.id), [])
  assert.equal(ofOwner.member.device?.id, tv.id)
  store.devices.remove(tv.id)
  assert.equal(await doorkeeper.asOfNow(ofOwner.member), undefined)
  assert.ok(await doorkeeper.asOfNow(owner), 'the owner stays on others')
  store.ownerToken.replace()
  assert.equal(await doorkeeper.asOfNow(owner), undefined)
})

test('a member of any source is vouched for by it alone, and one of none is nobody', async () => {
  const { doorkeeper } = await openScene()
  assert.equal(await doorkeeper.asOfNow({ id: 'somebody of a party' }), undefined)
  assert.deepEqual(await doorkeeper.admit({ kind: 'key', fingerprint: 'no fingerprint' }), {
    ok: false,
    reason: 'unknown',
  })
})

test('when a device was last here is known within a minute, and written no more often', async () => {
  const { clock, store, doorkeeper, devices, ada } = await openScene()
  const { id } = await devices.pairDevice({ member: ada, credential: key, name: 'Phone' })
  const seenMs = () => store.devices.get(id)?.seenMs
  const admitted = await devices.admitDevice(key)
  assert.ok(admitted.ok)
  const first = seenMs()
  assert.equal(first, clock.epochMs())
  clock.advance(59_999)
  await doorkeeper.asOfNow(admitted.member)
  assert.equal(seenMs(), first)
  clock.advance(1)
  await doorkeeper.asOfNow(admitted.member)
  assert.equal(seenMs(), clock.epochMs())
})

test('the device that is one too many is refused, none gives way, and one that is theirs can be paired again', async () => {
  const { store, devices, ada, owner } = await openScene()
  const keyOf = (index: number) => ({ kind: 'key', fingerprint: index.toString(16).padStart(64, '0') }) as const
  const pair = (index: number, member = ada) =>
    devices.pairDevice({ member, credential: keyOf(index), name: `Device ${index}` })
  for (let index = 0; index < maxDevicesPerMember; index++) await pair(index)
  await assert.rejects(pair(maxDevicesPerMember), { code: 'too-many-devices' })
  assert.equal(store.devices.list(ada.id).length, maxDevicesPerMember)
  assert.equal((await pair(0)).memberId, ada.id)
  assert.equal((await pair(maxDevicesPerMember, owner)).memberId, owner.id)
  await assert.rejects(
    devices.pairDevice({ member: owner, credential: { kind: 'key', fingerprint: '12' }, name: '' }),
    {
      code: 'invalid-fingerprint',
    },
  )
})

test('devices of members that are no more are forgotten', async () => {
  const { store, devices, ada, owner } = await openScene()
  await devices.pairDevice({ member: ada, credential: key, name: 'Phone' })
  await devices.pairDevice({ member: owner, credential: certificate, name: 'TV' })
  assert.equal(store.devices.forgetOrphans(store.ownerToken.memberId), 0)
  store.guests.remove(ada.id)
  store.ownerToken.replace()
  assert.equal(store.devices.forgetOrphans(store.ownerToken.memberId), 2)
  assert.deepEqual(store.devices.list(), [])
})
