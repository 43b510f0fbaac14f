import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admit, isAdmitted } from '../../gateway/native/admission-desk.ts'
import type { PartyPermission } from '../../domain/party-permission.ts'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openMemoryPipe } from '../../kernel/memory-pipe.ts'
import type { Peer } from '../../party/contract/party.ts'
import { maxPinTries } from '../../store/invitation.ts'
import { openStore } from '../../store/open-store.ts'
import { hashPin } from '../../store/pin.ts'
import { decodeAdmissionAnswer, type AdmissionAnswer } from '../../wire/native/admission.ts'
import { AppTokens } from '../auth/app-tokens.ts'
import { openDoorkeeper } from '../auth/open-doorkeeper.ts'
import { PartySource } from '../auth/party-source.ts'
import { PairedDevices } from '../auth/paired-devices.ts'
import { RedemptionLimits } from '../auth/redemption-limits.ts'
import { Redemptions } from '../auth/redemptions.ts'
import { KeyAdmissions } from './key-admissions.ts'

function openScene() {
  const clock = new ManualClock()
  const store = openStore(':memory:', clock)
  /** Members of the party, and what the owner lets them do. */
  const peers = new Map<string, PartyPermission>()
  const party = new PartySource({
    peers: () => [...peers.keys()].map((id) => ({ id, name: id }) as Peer),
    permissionOf: (id) => peers.get(id) ?? 'nothing',
  })
  const { doorkeeper } = openDoorkeeper({ store, apps: new AppTokens('http://127.0.0.1/api/v1'), party })
  const door = new KeyAdmissions({
    devices: new PairedDevices({ devices: store.devices, doorkeeper }),
    doorkeeper,
    invitations: store.invitations,
    redemptions: new Redemptions(store),
    limits: new RedemptionLimits(clock),
    clock,
  })
  /** A device with a key, at the door. */
  const arrive = (fill: number) => {
    const [client, host] = openMemoryPipe()
    const publicKey = new Uint8Array(32).fill(fill)
    const refusals: string[] = []
    const onRefusal = (code: string) => void refusals.push(code)
    const outcome = admit({ pipe: host, publicKey, origin: '192.0.2.9', door, clock, log: silentLog, onRefusal })
    let heard = (_answer: AdmissionAnswer) => {}
    client.listen({ message: (message) => heard(decodeAdmissionAnswer(message)), fault: () => {} })
    /** The answer; undefined when the door is shut in the place of one. */
    const ask = (message: object): Promise<AdmissionAnswer | undefined> => {
      const { promise, resolve } = Promise.withResolvers<AdmissionAnswer | undefined>()
      heard = resolve
      client.send(JSON.stringify(message))
      return Promise.race([promise, outcome.then(() => undefined)])
    }
    return { client, outcome, ask, refusals }
  }
  return { clock, store, door, arrive, peers, party }
}

const device = 'Workshop'

test('a device comes in by an invitation on the channel, and from then on by its key', async () => {
  const { store, arrive } = openScene()
  const { token } = store.invitations.create({ lobbyId: 'games', role: 'player', expiresInMs: 60_000, maxUses: 1 })
  const first = arrive(1)
  assert.deepEqual(await first.ask({ type: 'knock' }), { type: 'stranger' })
  const redeem = { type: 'redeem', invitation: token, name: 'Ada', device }
  const welcome = await first.ask(redeem)
  assert.ok(welcome?.type === 'welcome')
  assert.deepEqual([welcome.name, welcome.role, welcome.lobbyId], ['Ada', 'player', 'games'])
  const outcome = await first.outcome
  assert.ok(isAdmitted(outcome))
  const { member } = outcome
  assert.deepEqual([member.id, member.device?.kind, member.device?.name], [welcome.memberId, 'key', 'Workshop'])
  // No answer came: the same key is answered the same, and another one finds the invitation used up.
  const again = await arrive(1).ask(redeem)
  assert.ok(again?.type === 'welcome' && again.memberId === welcome.memberId)
  const other = await arrive(2).ask(redeem)
  assert.ok(other?.type === 'refused' && other.code === 'invitation-used-up')
  const back = await arrive(1).ask({ type: 'knock' })
  assert.ok(back?.type === 'welcome' && back.memberId === welcome.memberId)
  store.guests.remove(welcome.memberId)
  assert.deepEqual(await arrive(1).ask({ type: 'knock' }), { type: 'stranger' })
})

test('an invitation with a PIN wants it, and counts wrong ones', async () => {
  const { store, arrive } = openScene()
  const pinHash = await hashPin('4028')
  const { token } = store.invitations.create({ lobbyId: 'games', role: 'viewer', expiresInMs: 60_000, pinHash })
  const { ask } = arrive(3)
  const redeem = { type: 'redeem', invitation: token, name: 'Ada', device }
  const codes: unknown[] = []
  for (const pin of [undefined, '4029', '4028']) {
    const answer = await ask({ ...redeem, ...(pin && { pin }) })
    codes.push(answer?.type === 'refused' ? answer.code : answer?.type)
  }
  assert.deepEqual(codes, ['pin-required', 'wrong-pin', 'welcome'])
})

test('why somebody was told no stands in what the host keeps of it, for each sort of link', async () => {
  const { clock, store, arrive } = openScene()
  const create = (more: { maxUses?: number; pinHash?: Uint8Array } = {}) =>
    store.invitations.create({ lobbyId: 'games', role: 'viewer', expiresInMs: 60_000, ...more })
  const [expired, revoked, used, guessed] = [
    create(),
    create(),
    create({ maxUses: 1 }),
    create({ pinHash: await hashPin('4028') }),
  ]
  store.invitations.revoke(revoked.invitation.id)
  await arrive(20).ask({ type: 'redeem', invitation: used.token, name: 'Ada', device })
  const toldNo = async (fill: number, token: string, pins: readonly (string | undefined)[] = [undefined]) => {
    const { client, outcome, ask, refusals } = arrive(fill)
    for (const pin of pins) {
      await ask({ type: 'redeem', invitation: token, name: 'Bea', device, ...(pin !== undefined && { pin }) })
    }
    client.close(1000, '')
    const found = await outcome
    assert.ok(!isAdmitted(found))
    assert.equal(found.code, 'left')
    assert.equal(found.refusal?.code, refusals.at(-1))
    return refusals
  }
  assert.deepEqual(await toldNo(21, revoked.token), ['invitation-revoked'])
  assert.deepEqual(await toldNo(22, used.token), ['invitation-used-up'])
  assert.deepEqual(await toldNo(23, 'n'.repeat(43)), ['unknown-token'])
  for (let others = 2; others < maxPinTries; others++) store.invitations.takePinTry(guessed.invitation.id)
  assert.deepEqual(await toldNo(24, guessed.token, [undefined, '0000', '0001', '0002']), [
    'pin-required',
    'wrong-pin',
    'invitation-destroyed',
    'invitation-destroyed',
  ])
  clock.advance(60_001)
  assert.deepEqual(await toldNo(25, expired.token), ['invitation-expired'])
})

test("a device becomes the owner's by the owner's token, and no token of a link makes one anybody's", async () => {
  const { store, arrive } = openScene()
  const welcome = await arrive(4).ask({ type: 'prove', token: store.ownerToken.replace(), device })
  assert.ok(welcome?.type === 'welcome' && welcome.role === 'owner' && welcome.lobbyId === null)
  const { token } = store.invitations.create({ lobbyId: 'games', role: 'viewer', expiresInMs: 60_000 })
  const link = await arrive(5).ask({ type: 'prove', token, device })
  assert.ok(link?.type === 'refused')
  assert.deepEqual(await arrive(5).ask({ type: 'knock' }), { type: 'stranger' })
})

test('a member of the party comes in by the token of a step into a lobby, as long as they may', async () => {
  const { arrive, peers, party } = openScene()
  peers.set('bob', 'watch')
  const invitation = party.issue('bob')
  assert.ok(invitation !== undefined)
  const redeem = { type: 'redeem', invitation, name: 'Anybody', device }
  const welcome = await arrive(1).ask(redeem)
  assert.ok(welcome?.type === 'welcome')
  assert.deepEqual([welcome.memberId, welcome.name, welcome.role], ['party-bob', 'bob', 'viewer'])
  peers.set('bob', 'play')
  const back = await arrive(1).ask({ type: 'knock' })
  assert.ok(back?.type === 'welcome' && back.role === 'player')
  peers.delete('bob')
  assert.deepEqual(await arrive(1).ask({ type: 'knock' }), { type: 'stranger' })
  const late = await arrive(2).ask(redeem)
  assert.ok(late?.type === 'refused' && late.code === 'unknown-token')
})

test('guesses are limited by where they come from', async () => {
  const { arrive } = openScene()
  const codes = new Set<string>()
  for (let guess = 0; guess < 12; guess++) {
    const answer = await arrive(6).ask({ type: 'prove', token: `${guess}`.padStart(43, 'x'), device })
    if (answer?.type === 'refused') codes.add(answer.code)
  }
  assert.deepEqual(codes, new Set(['unknown-token', 'too-many-attempts']))
})

test('who says what makes no sense at the door, too much of it, or nothing, is not let in', async () => {
  const { clock, arrive } = openScene()
  const cases: readonly [say: readonly (object | string)[], code: string][] = [
    [['{'], 'malformed'],
    [['x'.repeat(3000)], 'too-long'],
    [[{ type: 'join', lobbyId: 'x' }], 'unknown-type'],
    [[{ type: 'redeem', invitation: 'short', name: 'A', device }], 'malformed'],
    [[{ type: 'knock' }, { type: 'knock' }], 'protocol-violation'],
  ]
  for (const [say, code] of cases) {
    const { client, outcome } = arrive(7)
    for (const message of say) client.send(typeof message === 'string' ? message : JSON.stringify(message))
    const found = await outcome
    assert.equal(isAdmitted(found) ? 'member' : found.code, code)
  }
  const patient = arrive(8)
  for (let knock = 0; knock < 25; knock++) await patient.ask({ type: 'knock' })
  const tired = await patient.outcome
  assert.equal(isAdmitted(tired) ? 'member' : tired.code, 'too-many-tries')
  const silent = arrive(9)
  clock.advance(120_000)
  const late = await silent.outcome
  assert.equal(isAdmitted(late) ? 'member' : late.code, 'too-late')
  const gone = arrive(10)
  gone.client.close(1000, '')
  const left = await gone.outcome
  assert.equal(isAdmitted(left) ? 'member' : left.code, 'left')
  assert.equal(clock.pending, 0)
})
