import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { PartyChange, PartyPeerView, PartyView } from '../../wire/api/party.ts'
import { PartyChanges } from './party-changes.ts'

const peer = (id: string, name = id): PartyPeerView =>
  ({ id, name, latencies: [1, 2].map((latencyMs) => ({ at: `${latencyMs}`, latencyMs })) }) as unknown as PartyPeerView

function open() {
  const clock = new ManualClock()
  const told: PartyChange[] = []
  const state = {
    isHeard: true,
    view: { status: 'in_party', peers: [peer('ada'), peer('bob')] } as unknown as PartyView,
  }
  const changes = new PartyChanges({
    view: () => state.view,
    network: undefined,
    isHeard: () => state.isHeard,
    tell: (change) => told.push(change),
    clock,
    log: silentLog,
  })
  const pass = async (ms = 250) => {
    clock.advance(ms)
    await nextTurn()
  }
  return { state, told, changes, pass }
}

const partsOf = (told: readonly PartyChange[]) =>
  told.map((change) => (change.of === 'peer' ? change.peer.id : change.of === 'peer-left' ? change.peerId : change.of))

test('what is different of a party is told part by part, with the newest latency alone, and who has left', async () => {
  const { state, told, changes, pass } = open()
  changes.touch()
  changes.touch()
  await pass()
  assert.deepEqual(partsOf(told.splice(0)), ['party', 'ada', 'bob'])
  changes.touch()
  await pass()
  assert.equal(told.length, 0)
  state.view = { ...state.view, peers: [peer('bob', 'Bob')] }
  changes.touch()
  await pass()
  assert.deepEqual(partsOf(told), ['ada', 'bob'])
  const bob = told.at(-1)
  assert.deepEqual(bob?.of === 'peer' && bob.peer.latencies.map(({ latencyMs }) => latencyMs), [2])
  changes[Symbol.dispose]()
})

test('nothing is looked at while nobody listens, and who listens then is told of each part once more', async () => {
  const { state, told, changes, pass } = open()
  changes.touch()
  await pass()
  told.splice(0)
  state.isHeard = false
  changes.touch()
  await pass()
  assert.equal(told.length, 0)
  state.isHeard = true
  changes.touch()
  await pass()
  assert.equal(told.length, 3)
  changes[Symbol.dispose]()
})

test('a large party is told in several goes, so that no stream fills up', async () => {
  const { state, told, changes, pass } = open()
  const peers = Array.from({ length: 200 }, (_, at) => peer(`peer-${at}`, 'x'.repeat(1000)))
  state.view = { ...state.view, peers }
  changes.touch()
  await pass()
  assert.ok(told.length > 50 && told.length < 80, `${told.length} in one go`)
  for (let turn = 0; turn < 4; turn++) await pass()
  assert.equal(new Set(partsOf(told)).size, 201)
  changes[Symbol.dispose]()
})
