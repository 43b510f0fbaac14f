import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import * as fc from '../../../test/support/fast-check.ts'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openMemoryPartyRecords } from '../../store/memory-party-records.ts'
import { StoreError } from '../../store/store-error.ts'
import type { PartyEvent } from '../contract/party-event.ts'
import { PartyError, type PartyErrorCode } from '../contract/party-error.ts'
import { defaultLimits, type RegistryLimits } from '../contract/registry-limits.ts'
import type { PeerInput } from '../contract/peer-input.ts'
import { PartyRegistry } from './party-registry.ts'

const minuteMs = 60_000
const relay = { relayId: 'r1', publicIp: '198.51.100.7', port: 3478, region: 'eu', capacity: 10, sessions: 0 }

function peer(peerId: string, more: Partial<PeerInput> = {}): PeerInput {
  return {
    peerId,
    name: peerId,
    publicKey: 'key',
    natType: 'open',
    publicIp: '198.51.100.1',
    publicPort: 4000,
    localIp: undefined,
    localPort: undefined,
    ...more,
  }
}

async function open(
  options: {
    limits?: Partial<RegistryLimits>
    range?: string
    records?: ReturnType<typeof openMemoryPartyRecords>
  } = {},
) {
  const clock = new ManualClock()
  const records = options.records ?? openMemoryPartyRecords()
  const { range } = options
  const registry = await PartyRegistry.open({
    records,
    clock,
    log: silentLog,
    limits: { ...defaultLimits, ...options.limits },
    ...(range !== undefined && { range }),
  })
  const events: PartyEvent[] = []
  registry.events.subscribe((event) => void events.push(event))
  return { clock, records, registry, events }
}

function refusal(code: PartyErrorCode) {
  return (error: unknown) => error instanceof PartyError && error.code === code
}

test('a party is there from its making until its host or its last peer leaves', async () => {
  const { registry, events } = await open()
  const { party } = await registry.registerParty({ name: 'Friday', host: peer('ada') })
  const { id } = party.record
  assert.match(id, /^[\da-f]{12}$/)
  await registry.joinParty(id, peer('bob'))
  assert.equal(await registry.leaveParty(id, 'bob'), 'left')
  assert.equal(await registry.leaveParty(id, 'ada'), 'party-deleted')
  assert.throws(() => registry.party(id), refusal('party-not-found'))
  assert.deepEqual(
    events.map(({ type }) => type),
    ['peer-joined', 'party-updated', 'peer-joined', 'party-updated', 'peer-left', 'party-updated', 'party-ended'],
  )
})

test('where the party says so, whoever was there longest is the host after the host has left', async () => {
  const { registry, clock } = await open()
  const { party } = await registry.registerParty({ name: 'Friday', host: peer('ada'), whenHostLeaves: 'migrate' })
  const { id } = party.record
  for (const name of ['cleo', 'bob']) {
    clock.advance(1000)
    await registry.joinParty(id, peer(name))
  }
  assert.equal(await registry.leaveParty(id, 'ada'), 'left')
  assert.equal(registry.party(id).record.hostId, 'cleo')
})

test('a code lets in, however it is written, and nothing else does', async () => {
  const { registry } = await open()
  const { party, code = '' } = await registry.registerParty({ name: 'Friday', host: peer('ada'), admission: 'code' })
  const { id } = party.record
  await assert.rejects(registry.joinParty(id, peer('bob')), refusal('code-required'))
  await assert.rejects(registry.joinParty(id, peer('bob'), 'AAAAA-AAAAA'), refusal('wrong-code'))
  await registry.joinParty(id, peer('bob'), code.toLowerCase().replace('-', ' '))
  await registry.joinParty(id, peer('bob', { name: 'Bob' }))
  assert.equal(registry.peer(id, 'bob').name, 'Bob', 'who is in it needs no code')
})

test('an address is that of its peer, also after it was away, and nobody else has it', async () => {
  const { registry } = await open({ range: '10.66.0.0/28' })
  const { party } = await registry.registerParty({ name: 'Friday', host: peer('ada') })
  const { id } = party.record
  const numberOf = (peerId: string) => registry.party(id).addresses.get(peerId)?.number
  await registry.joinParty(id, peer('bob'))
  const before = numberOf('bob')
  await registry.leaveParty(id, 'bob')
  for (let other = 0; other < 12; other++) await registry.joinParty(id, peer(`other-${other}`))
  await registry.joinParty(id, peer('bob'))
  assert.equal(numberOf('bob'), before)
  assert.equal(new Set([...registry.party(id).addresses.values()].map(({ number }) => number)).size, 14)
  await assert.rejects(registry.joinParty(id, peer('late')), refusal('party-full'))
  await registry.leaveParty(id, 'other-3')
  await registry.joinParty(id, peer('late'))
})

test('who is silent for five minutes is gone, and a party with nobody in it', async () => {
  const { registry, clock } = await open()
  const { party } = await registry.registerParty({ name: 'Friday', host: peer('ada') })
  const { id } = party.record
  await registry.joinParty(id, peer('bob'))
  clock.advance(4 * minuteMs)
  registry.heartbeat(id, 'ada')
  clock.advance(minuteMs)
  assert.deepEqual(await cleanUp(registry, clock), { peers: 1, parties: 0, tokens: 0, relays: 0 })
  assert.throws(() => registry.peer(id, 'bob'), refusal('peer-not-found'))
  clock.advance(5 * minuteMs)
  assert.deepEqual(await cleanUp(registry, clock), { peers: 1, parties: 1, tokens: 0, relays: 0 })
})

test('a clock of the machine that jumps changes nothing', async () => {
  const { registry, clock } = await open()
  const { token } = await registry.tokens.register('ada')
  const { party } = await registry.registerParty({ name: 'Friday', host: peer('ada') })
  const epochMs = clock.epochMs.bind(clock)
  for (const days of [400, -400]) {
    clock.epochMs = () => epochMs() + days * 24 * 60 * minuteMs
    registry.heartbeat(party.record.id, 'ada')
    assert.deepEqual(await cleanUp(registry, clock), { peers: 0, parties: 0, tokens: 0, relays: 0 })
    assert.equal(registry.tokens.peerOf(token), 'ada')
    assert.equal(registry.peer(party.record.id, 'ada').seenMs, epochMs())
  }
})

test('after a restart everybody has the time of a silent peer to come back', async () => {
  const first = await open()
  const { party } = await first.registry.registerParty({ name: 'Friday', host: peer('ada'), admission: 'code' })
  const { token } = await first.registry.tokens.register('ada')
  await first.registry.flush()
  const second = await open({ records: first.records })
  assert.deepEqual(second.registry.party(party.record.id).record, party.record)
  assert.equal(second.registry.tokens.peerOf(token), 'ada')
  second.clock.advance(4 * minuteMs)
  assert.equal((await cleanUp(second.registry, second.clock)).peers, 0)
})

test('what the disk refuses has not happened, for anybody who waited with it', async () => {
  const records = openMemoryPartyRecords()
  const commit = records.commit.bind(records)
  const { registry, events } = await open({ records })
  const { party } = await registry.registerParty({ name: 'Friday', host: peer('ada') })
  const { id } = party.record
  records.commit = async () => {
    throw new StoreError('disk-full', 'The disk is full')
  }
  const told = events.length
  const tries = [
    registry.joinParty(id, peer('bob')),
    registry.joinParty(id, peer('cleo')),
    registry.leaveParty(id, 'ada'),
  ]
  for (const result of await Promise.allSettled(tries)) {
    assert.ok(result.status === 'rejected' && refusal('not-recorded')(result.reason))
  }
  assert.deepEqual([...registry.party(id).peers.keys()], ['ada'])
  assert.deepEqual([...registry.party(id).addresses.keys()], ['ada'])
  // Nobody is told but that what was seen meanwhile is not so.
  assert.deepEqual(events.slice(told), [{ type: 'party-undone', partyId: id }])
  records.commit = commit
  await registry.joinParty(id, peer('bob'))
})

test('what comes in the step after a write has ended is done too', async () => {
  const records = openMemoryPartyRecords()
  const commit = records.commit.bind(records)
  // As a disk does, later than all that was to be done at once.
  records.commit = async (changes) => {
    await nextTurn()
    await commit(changes)
  }
  const { registry } = await open({ records })
  await registry.registerParty({ id: 'friday', name: 'Friday', host: peer('ada') })
  for (let number = 0; number < 8; number++) {
    const joined = registry.joinParty('friday', peer(`peer-${number}`))
    await Promise.race([joined, pause(5000, undefined, { ref: false }).then(() => assert.fail('it was forgotten'))])
    for (let step = 0; step < number; step++) await Promise.resolve()
  }
})

test('an id belongs to its first token until that expires, and is renewed with it', async () => {
  const { registry, clock } = await open()
  const { token } = await registry.tokens.register('ada')
  await assert.rejects(registry.tokens.register('ada'), refusal('peer-id-taken'))
  await assert.rejects(registry.tokens.register('ada', `${'x'.repeat(43)}.YWRh`), refusal('peer-id-taken'))
  clock.advance(23 * 60 * minuteMs)
  const { token: renewed } = await registry.tokens.register('ada', token)
  clock.advance(23 * 60 * minuteMs)
  assert.equal(registry.tokens.peerOf(token), 'ada', 'also where the answer was lost')
  assert.equal(renewed, token)
  clock.advance(60 * minuteMs)
  assert.throws(() => registry.tokens.peerOf(renewed), refusal('unauthenticated'))
  assert.equal((await cleanUp(registry, clock)).tokens, 1)
  await registry.tokens.register('ada')
  for (const wrong of ['', '.', 'x', '..', '.YWRh']) {
    assert.throws(() => registry.tokens.peerOf(wrong), refusal('unauthenticated'))
  }
})

test('there are never more parties, peers, tokens or relays than it takes', async () => {
  const { registry } = await open({ limits: { parties: 1, peersPerParty: 2, tokens: 1, relays: 1 } })
  const { party } = await registry.registerParty({ name: 'Friday', host: peer('ada') })
  await registry.joinParty(party.record.id, peer('bob'))
  await assert.rejects(registry.joinParty(party.record.id, peer('cleo')), refusal('party-full'))
  await assert.rejects(registry.registerParty({ name: 'Monday', host: peer('eve') }), refusal('too-many-parties'))
  await registry.tokens.register('ada')
  await assert.rejects(registry.tokens.register('bob'), refusal('too-many-peers'))
  await registry.relays.report(relay)
  await registry.relays.report({ ...relay, capacity: 20 })
  await assert.rejects(registry.relays.report({ ...relay, relayId: 'r2' }), refusal('too-many-relays'))
  assert.deepEqual(
    registry.relays.best({ region: 'eu' }).map((each) => each.relay.capacity),
    [20],
  )
})

test('relays come best first: well, with room, near, and with most room', async () => {
  const { registry, clock } = await open()
  const { relays } = registry
  for (const [relayId, region, sessions] of [
    ['full', 'eu', 10],
    ['busy', 'eu', 9],
    ['idle', 'eu', 1],
    ['far', 'us', 0],
    ['silent', 'eu', 0],
  ] as const) {
    await relays.report({ ...relay, relayId, region, sessions })
  }
  const order = (options?: Parameters<typeof relays.best>[0]) => relays.best(options).map((each) => each.relay.relayId)
  clock.advance(60_000)
  for (const { relay: known, sessions } of relays.best()) {
    if (known.relayId !== 'silent') await relays.report({ ...known, sessions })
  }
  clock.advance(30_000)
  assert.deepEqual(order({ near: 'eu' }), ['idle', 'busy', 'far', 'full', 'silent'])
  assert.deepEqual(order(), ['far', 'idle', 'busy', 'full', 'silent'])
  assert.deepEqual(order({ region: 'us' }), ['far'])
  assert.deepEqual(
    relays.best().map(({ isWell }) => isWell),
    [true, true, true, true, false],
  )
  clock.advance(510_000)
  assert.equal((await cleanUp(registry, clock)).relays, 1, 'after ten minutes it is gone')
  await relays.leave('far')
  assert.deepEqual(order().toSorted(), ['busy', 'full', 'idle'])
})

test('what a relay says again is not written again, and is there after a restart for as long as a silent one', async () => {
  const records = openMemoryPartyRecords()
  const commit = records.commit.bind(records)
  let commits = 0
  records.commit = async (changes) => {
    commits++
    await commit(changes)
  }
  const first = await open({ records })
  for (const sessions of [1, 2, 3]) await first.registry.relays.report({ ...relay, sessions })
  assert.equal(commits, 1)
  const second = await open({ records })
  assert.deepEqual(
    second.registry.relays.best().map(({ sessions, isWell }) => [sessions, isWell]),
    [[0, true]],
  )
  second.clock.advance(90_000)
  assert.equal(second.registry.relays.best()[0]?.isWell, false)
  second.clock.advance(10 * minuteMs - 90_000)
  assert.equal((await cleanUp(second.registry, second.clock)).relays, 1)
})

test('whatever happens in whatever order, a party has one host, who is in it, and no address twice; memory and disk agree', async () => {
  const deed = fc.record({
    kind: fc.constantFrom('register', 'join', 'leave', 'heartbeat', 'wait', 'clean-up', 'disk'),
    party: fc.integer({ min: 0, max: 2 }),
    peer: fc.integer({ min: 0, max: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 60 }), async (deeds) => {
      const records = openMemoryPartyRecords()
      const commit = records.commit.bind(records)
      let isFull = false
      records.commit = async (changes) => {
        if (isFull) throw new StoreError('disk-full', 'The disk is full')
        await commit(changes)
      }
      const { registry, clock } = await open({ records, range: '10.66.0.0/29' })
      const under: Promise<unknown>[] = []
      for (const { kind, party, peer: number } of deeds) {
        const [id, who] = [`party-${party}`, `peer-${number}`]
        if (kind === 'register')
          under.push(
            registry.registerParty({ id, name: id, host: peer(who), whenHostLeaves: number % 2 ? 'end' : 'migrate' }),
          )
        if (kind === 'join') under.push(registry.joinParty(id, peer(who)))
        if (kind === 'leave') under.push(registry.leaveParty(id, who))
        if (kind === 'heartbeat') under.push((async () => registry.heartbeat(id, who))())
        if (kind === 'wait') clock.advance(minuteMs)
        if (kind === 'clean-up') under.push(registry.cleanUp())
        if (kind === 'disk') isFull = !isFull
      }
      await Promise.allSettled(under)
      const kept = await records.load()
      assert.equal(kept.parties.length, registry.partyCount)
      for (const { id, hostId } of kept.parties) {
        const party = registry.party(id)
        assert.equal(party.record.hostId, hostId)
        assert.ok(party.peers.has(hostId), 'the host is in it')
        const peers = kept.peers.filter(({ partyId }) => partyId === id).map(({ peerId }) => peerId)
        assert.deepEqual(peers.toSorted(), [...party.peers.keys()].toSorted())
        const numbers = [...party.addresses.values()].map(({ number }) => number)
        assert.equal(new Set(numbers).size, numbers.length)
        assert.ok(peers.every((peerId) => party.addresses.has(peerId)))
      }
    }),
    { numRuns: 200 },
  )
})

async function cleanUp(registry: PartyRegistry, clock: ManualClock) {
  const done = registry.cleanUp()
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve()
    clock.advance(0)
  }
  return done
}
