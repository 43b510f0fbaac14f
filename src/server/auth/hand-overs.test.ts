import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '../../domain/member.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { maxDevicesPerMember } from '../../store/devices.ts'
import { openStore } from '../../store/open-store.ts'
import { hashToken } from '../../store/token.ts'
import { Doorkeeper } from './doorkeeper.ts'
import { handOverLifetimeMs, HandOvers } from './hand-overs.ts'
import { PairedDevices } from './paired-devices.ts'

const ada: Member = { id: 'ada', name: 'Ada', role: 'player', lobbies: ['games'] }
const bob: Member = { ...ada, id: 'bob', name: 'Bob' }

function openScene() {
  const clock = new ManualClock()
  const { devices } = openStore(':memory:', clock)
  const paired = new PairedDevices({ devices, doorkeeper: new Doorkeeper([]) })
  const handOvers = new HandOvers({ devices: paired, clock })
  const redeem = (ticket: string, claim = 'claim') => handOvers.redeem(ticket, claim, 'Firefox on Linux')
  const memberOf = (token: string) => devices.find({ kind: 'token', hash: hashToken(token) })?.memberId
  return { clock, devices, handOvers, redeem, memberOf }
}

test('HandOvers gives one device a token, and the same again to who asks with the same claim', async () => {
  const { devices, handOvers, redeem, memberOf } = openScene()
  const { ticket } = await handOvers.issue(ada)
  const token = await redeem(ticket)
  assert.match(token ?? '', /^[\w-]{43}$/)
  assert.equal(await redeem(ticket), token)
  assert.equal(await redeem(ticket, 'another claim'), undefined)
  assert.equal(await redeem('guess'), undefined)
  assert.equal(memberOf(token ?? ''), 'ada')
  assert.equal(memberOf(ticket), undefined)
  assert.deepEqual(
    devices.list('ada').map(({ kind, name }) => [kind, name]),
    [['token', 'Firefox on Linux']],
  )
})

test('HandOvers gives a ticket to one of two who redeem it at once', async () => {
  const { handOvers, redeem, devices } = openScene()
  const { ticket } = await handOvers.issue(ada)
  const tokens = await Promise.all([redeem(ticket, 'one'), redeem(ticket, 'other')])
  assert.deepEqual(
    tokens.map((token) => token === undefined),
    [false, true],
  )
  assert.equal(devices.list('ada').length, 1)
})

test('HandOvers forgets a ticket after five minutes, used or not', async () => {
  const { clock, handOvers, redeem } = openScene()
  const { ticket } = await handOvers.issue(ada)
  clock.advance(handOverLifetimeMs)
  assert.equal(await redeem(ticket), undefined)
  assert.equal(handOvers.size, 0)
})

test('HandOvers keeps the latest four tickets of each member', async () => {
  const { handOvers, redeem } = openScene()
  const others = (await handOvers.issue(bob)).ticket
  const tickets: string[] = []
  for (let count = 0; count < 5; count++) tickets.push((await handOvers.issue(ada)).ticket)
  assert.equal(await redeem(tickets[0] ?? ''), undefined)
  for (const ticket of [...tickets.slice(1), others]) assert.ok(await redeem(ticket))
})

test('HandOvers tells whoever has as many devices as can be, and leaves those alone, and the ticket', async () => {
  const { devices, handOvers, redeem } = openScene()
  const { ticket } = await handOvers.issue(ada)
  const hashOf = (index: number) => hashToken(`token ${index}`)
  for (let index = 0; index < maxDevicesPerMember; index++) {
    devices.add({ kind: 'token', hash: hashOf(index), memberId: 'ada', name: 'Browser' })
  }
  await assert.rejects(handOvers.issue(ada), { code: 'too-many-devices' })
  await assert.rejects(redeem(ticket), { code: 'too-many-devices' })
  assert.equal(devices.list('ada').length, maxDevicesPerMember)
  const [first] = devices.list('ada')
  assert.ok(first && devices.remove(first.id))
  assert.ok(await redeem(ticket), 'one that was taken away makes room')
})
