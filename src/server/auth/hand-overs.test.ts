import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '../../domain/member.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { maxDevicesPerMember } from '../../store/devices.ts'
import { openStore } from '../../store/open-store.ts'
import { handOverLifetimeMs, HandOvers } from './hand-overs.ts'

const ada: Member = { id: 'ada', name: 'Ada', role: 'player', lobbies: ['games'] }
const bob: Member = { ...ada, id: 'bob', name: 'Bob' }

function openScene() {
  const clock = new ManualClock()
  const { devices } = openStore(':memory:', clock)
  return { clock, devices, handOvers: new HandOvers({ devices, clock }) }
}

test('HandOvers gives one device a token, and the same again to who asks with the same claim', () => {
  const { devices, handOvers } = openScene()
  const { ticket } = handOvers.issue(ada)
  const token = handOvers.redeem(ticket, 'claim')
  assert.match(token ?? '', /^[\w-]{43}$/)
  assert.equal(handOvers.redeem(ticket, 'claim'), token)
  assert.equal(handOvers.redeem(ticket, 'another claim'), undefined)
  assert.equal(handOvers.redeem('guess', 'claim'), undefined)
  assert.equal(devices.find(token ?? ''), 'ada')
  assert.equal(devices.find(ticket), undefined)
})

test('HandOvers forgets a ticket after five minutes, used or not', () => {
  const { clock, handOvers } = openScene()
  const { ticket } = handOvers.issue(ada)
  clock.advance(handOverLifetimeMs)
  assert.equal(handOvers.redeem(ticket, 'claim'), undefined)
  assert.equal(handOvers.size, 0)
})

test('HandOvers keeps the latest four tickets of each member', () => {
  const { handOvers } = openScene()
  const others = handOvers.issue(bob).ticket
  const tickets = Array.from({ length: 5 }, () => handOvers.issue(ada).ticket)
  assert.equal(handOvers.redeem(tickets[0] ?? '', 'claim'), undefined)
  for (const ticket of [...tickets.slice(1), others]) assert.ok(handOvers.redeem(ticket, 'claim'))
})

test('Devices keeps the latest of each member', () => {
  const { devices } = openScene()
  devices.add('bob', 'bobs')
  for (let index = 0; index <= maxDevicesPerMember; index++) devices.add('ada', `token ${index}`)
  assert.equal(devices.find('token 0'), undefined)
  assert.equal(devices.find('token 1'), 'ada')
  assert.equal(devices.find('bobs'), 'bob')
})
