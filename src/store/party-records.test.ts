import assert from 'node:assert/strict'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { silentLog, type Log } from '../kernel/log.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import type { PartyPeer, PartyRecord } from '../domain/party.ts'
import { openMemoryPartyRecords } from './memory-party-records.ts'
import { openPartyRecords } from './open-party-records.ts'
import type { PartyRecords } from './party-records.ts'
import { StoreError } from './store-error.ts'
import { WriteBehind } from './write-behind.ts'

const party: PartyRecord = {
  id: 'f00d',
  name: 'Friday',
  hostId: 'ada',
  createdMs: 1,
  admission: 'code',
  codeHash: new Uint8Array(32).fill(7),
  whenHostLeaves: 'migrate',
}
const ada: PartyPeer = {
  partyId: 'f00d',
  peerId: 'ada',
  name: 'Ada',
  publicKey: 'key',
  natType: 'symmetric',
  publicIp: '198.51.100.1',
  publicPort: 4000,
  localIp: undefined,
  localPort: undefined,
  joinedMs: 2,
  seenMs: 3,
}
const address = { partyId: 'f00d', peerId: 'ada', number: 7 }
const token = { peerId: 'ada', hash: new Uint8Array(32).fill(1), expiresMs: 9 }
const relay = {
  relayId: 'r1',
  publicIp: '198.51.100.7',
  port: 3478,
  region: 'eu',
  capacity: 10,
  registeredMs: 4,
  seenMs: 5,
}

/** What holds for whatever keeps a registry. */
function contract(name: string, open: () => PartyRecords): void {
  test(`${name} keeps what was committed, replaces it by key, and forgets with a party what belongs to it`, async () => {
    const records = open()
    await records.commit([
      { type: 'party', party },
      { type: 'peer', peer: ada },
      { type: 'address', address },
      { type: 'token', token },
      { type: 'relay', relay },
    ])
    const all = { parties: [party], peers: [ada], addresses: [address], tokens: [token], relays: [relay] }
    assert.deepEqual(await records.load(), all)
    await Promise.all([
      records.commit([{ type: 'party', party: { ...party, hostId: 'bob' } }]),
      records.commit([{ type: 'peer', peer: { ...ada, peerId: 'bob', name: 'Bob' } }]),
      records.commit([{ type: 'address-gone', partyId: 'f00d', peerId: 'ada' }]),
      records.commit([{ type: 'token-gone', peerId: 'ada' }]),
    ])
    const changed = await records.load()
    assert.deepEqual(
      [changed.parties[0]?.hostId, changed.peers.map(({ name: called }) => called), changed.addresses, changed.tokens],
      ['bob', ['Ada', 'Bob'], [], []],
    )
    await records.commit([
      { type: 'peer-gone', partyId: 'f00d', peerId: 'ada' },
      { type: 'relay-gone', relayId: 'r1' },
    ])
    assert.deepEqual(
      (await records.load()).peers.map(({ peerId }) => peerId),
      ['bob'],
    )
    await records.commit([{ type: 'party-gone', partyId: 'f00d' }])
    assert.deepEqual(await records.load(), { parties: [], peers: [], addresses: [], tokens: [], relays: [] })
    await records.close()
  })

  test(`${name} writes when a peer was seen, the newest only, and nothing of one that is gone`, async () => {
    const records = open()
    await records.commit([
      { type: 'party', party },
      { type: 'peer', peer: ada },
    ])
    for (const seenMs of [10, 11, 12]) records.observe({ partyId: 'f00d', peerId: 'ada', seenMs })
    records.observe({ partyId: 'f00d', peerId: 'nobody', seenMs: 13 })
    await records.flush()
    assert.deepEqual((await records.load()).peers, [{ ...ada, seenMs: 12 }])
    await records.close()
  })

  test(`${name} says that it is closed`, async () => {
    const records = open()
    await records.close()
    await records.close()
    for (const call of [records.load(), records.commit([{ type: 'party', party }])]) {
      await assert.rejects(call, (error) => error instanceof StoreError && error.code === 'closed')
    }
  })
}

contract('memory', openMemoryPartyRecords)
contract('SQLite', () => openPartyRecords(':memory:', { clock: new ManualClock(), log: silentLog }))

test('a refused commit has written nothing of its own', async () => {
  const records = openPartyRecords(':memory:', { clock: new ManualClock(), log: silentLog })
  const changes = [{ type: 'party', party } as const, { type: 'peer', peer: { ...ada, partyId: 'none' } } as const]
  await assert.rejects(records.commit(changes), StoreError)
  assert.deepEqual((await records.load()).parties, [])
  await records.close()
})

test('what was committed is there in the next process, readable by its owner alone', async (t) => {
  const directory = temporaryDirectory(t)
  const file = join(directory, 'parties.db')
  const options = { clock: new ManualClock(), log: silentLog }
  const first = openPartyRecords(file, options)
  await first.commit([{ type: 'party', party }])
  await first.close()
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const second = openPartyRecords(file, options)
  assert.deepEqual((await second.load()).parties, [party])
  await second.close()
})

test('a file that cannot be read is moved aside and told, and an empty one begun', async (t) => {
  const directory = temporaryDirectory(t)
  const file = join(directory, 'parties.db')
  writeFileSync(file, 'this is no database, and is long enough to be taken for one'.repeat(20))
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) }
  const records = openPartyRecords(file, { clock: new ManualClock(), log })
  assert.deepEqual((await records.load()).parties, [])
  await records.commit([{ type: 'party', party }])
  await records.close()
  assert.equal(warnings.length, 1)
  assert.ok(readdirSync(directory).some((name) => name.startsWith('parties.db.unreadable-2026-')))
})

test('a disk that fails delays what is observed, is told once, and loses none of it', async () => {
  const clock = new ManualClock()
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) }
  let isFull = true
  const written: number[] = []
  const behind = new WriteBehind<number>(
    (values) => {
      if (isFull) throw new Error('the disk is full')
      written.push(...values)
    },
    { clock, log, what: 'numbers', delayMs: 100, retryMs: 1000 },
  )
  behind.put('a', 1)
  clock.advance(100)
  behind.put('a', 2)
  behind.put('b', 3)
  clock.advance(1000)
  assert.deepEqual([written, warnings.length], [[], 1])
  isFull = false
  clock.advance(1000)
  assert.deepEqual(written, [2, 3])
  behind.put('c', 4)
  behind.close()
  assert.deepEqual(written, [2, 3, 4])
})
