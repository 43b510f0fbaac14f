import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { StoreError } from '../../store/store-error.ts'
import { openMemoryPartyRecords } from '../../store/memory-party-records.ts'
import { isoTime, peerOf, tellParty } from '../../wire/party/records.ts'
import type { PartyChanges } from '../../wire/party/socket.ts'
import { PartyVersions } from './party-versions.ts'
import { PartyRegistry } from '../registry/party-registry.ts'
import { FollowedParty } from '../plane/followed-party.ts'
import type { ToldMembership } from '../plane/plane-client.ts'

const id = 'friday'
const peer = (peerId: string, port = 1) =>
  peerOf({
    peer_id: peerId,
    name: peerId,
    public_key: 'key',
    nat_type: 'unknown',
    public_ip: null,
    public_port: port,
    local_ip: null,
    local_port: null,
    last_seen: undefined,
  })

/** A party of which `ada` is the host, with all that was told of its changes. */
async function open() {
  const clock = new ManualClock()
  const records = openMemoryPartyRecords()
  const registry = await PartyRegistry.open({ records, clock, log: silentLog })
  const versions = new PartyVersions(registry, clock)
  const told: PartyChanges[] = []
  versions.onChanges((changes) => void told.push(structuredClone(changes)))
  await registry.registerParty({ id, name: 'Friday', host: peer('ada'), whenHostLeaves: 'migrate' })
  const whole = (): ToldMembership => {
    const party = registry.party(id)
    const here = [...party.addresses.values()].filter(({ peerId }) => party.peers.has(peerId))
    return {
      party: tellParty(party),
      virtualAddresses: Object.fromEntries(
        here.map(({ peerId, number }) => [peerId, registry.range.interfaceAddressOf(number)]),
      ),
      joinedAt: Object.fromEntries([...party.peers].map(([peerId, { joinedMs }]) => [peerId, isoTime(joinedMs)])),
      departures: {},
      version: versions.of(id),
    }
  }
  return { clock, records, registry, versions, told, whole }
}

/** What is known in the end, in whatever order members are told. */
function plain({ head, members, version }: FollowedParty) {
  // When somebody was last seen is told with other things alone.
  const told = [...members].map(([peerId, each]) => [peerId, { ...each, peer: { ...each.peer, last_seen: '' } }])
  return { head, members: Object.fromEntries(told), version }
}

/** The same as all of it gives that is told at once. */
function plainOf(told: ToldMembership) {
  const followed = new FollowedParty()
  followed.takeWhole(told)
  return plain(followed)
}

const deeds = fc.array(
  fc.record({
    who: fc.integer({ min: 0, max: 4 }),
    what: fc.constantFrom('join', 'move', 'leave', 'wait', 'ask'),
    /** What was told by then comes so much later, twice, or not at all. */
    fate: fc.constantFrom('comes', 'twice', 'late', 'lost'),
  }),
  { maxLength: 40 },
)

test('who follows a party knows in the end what is so, whatever is lost, late or there twice on the way', async () => {
  await fc.assert(
    fc.asyncProperty(deeds, async (script) => {
      const { clock, registry, versions, told, whole } = await open()
      const followed = new FollowedParty()
      let answer: ToldMembership | undefined
      let asks = false
      const late: PartyChanges[] = []
      followed.takeWhole(whole())
      const take = (taken: ReturnType<FollowedParty['takeChanges']>) => {
        if (taken === 'missed') asks = true
      }
      for (const [index, { who, what, fate }] of script.entries()) {
        const peerId = who === 0 ? 'ada' : `p${who}`
        if (what === 'join') await registry.joinParty(id, peer(peerId)).catch(() => {})
        if (what === 'move') await registry.updatePeer(id, peer(peerId, 100 + index)).catch(() => {})
        // The last one stays, so that there is a party.
        if (what === 'leave' && registry.sizeOf(id) !== 1) await registry.leaveParty(id, peerId).catch(() => {})
        if (what === 'ask') {
          // The answer to what was asked before comes only now.
          if (answer) take(followed.takeWhole(answer))
          answer = structuredClone(whole())
        }
        if (what === 'wait') clock.advance(200)
        for (const changes of told.splice(0)) {
          if (fate === 'late') late.push(changes)
          else if (fate !== 'lost') take(followed.takeChanges(changes))
          if (fate === 'twice') take(followed.takeChanges(changes))
        }
      }
      clock.advance(200)
      for (const changes of [...late.toReversed(), ...told, versions.since(id, followed.version)])
        take(followed.takeChanges(changes))
      if (asks) {
        if (answer) take(followed.takeWhole(answer))
        if (followed.isBehind || !answer) take(followed.takeWhole(whole()))
      }
      assert.deepEqual(plain(followed), plainOf(whole()))
    }),
    { numRuns: 150 },
  )
})

test('of another life of the control plane nothing is applied, and all of it counts however small its number', async () => {
  const [before, after] = [await open(), await open()]
  await before.registry.joinParty(id, peer('bob'))
  const followed = new FollowedParty()
  followed.takeWhole(before.whole())
  assert.equal(followed.takeChanges(after.versions.since(id, followed.version)), 'missed')
  assert.equal(followed.isBehind, false)
  const told = after.whole()
  assert.notEqual(followed.takeWhole(told), 'same')
  assert.deepEqual(plain(followed), plainOf(told))
  assert.equal(followed.takeChanges(after.versions.since(id, followed.version)), 'same')
  assert.equal(followed.takeChanges(before.versions.since(id, followed.version)), 'missed')
})

test('what was seen of a change that the disk refused is asked for again by all', async () => {
  const { clock, records, registry, told, whole } = await open()
  clock.advance(200)
  const followed = new FollowedParty()
  const { promise: refused, reject: refuse } = Promise.withResolvers<void>()
  const commit = records.commit.bind(records)
  records.commit = () => refused
  const joining = registry.joinParty(id, peer('bob'))
  await Promise.resolve()
  await Promise.resolve()
  followed.takeWhole(whole())
  assert.equal(followed.members.size, 2, 'it is seen before it is durable')
  refuse(new StoreError('disk-full', 'The disk is full'))
  await assert.rejects(joining)
  records.commit = commit
  clock.advance(200)
  const last = told.at(-1) ?? assert.fail('nothing was told')
  assert.equal(followed.takeChanges(last), 'missed')
  followed.takeWhole(whole())
  assert.equal(followed.members.size, 1)
})

test('many who come at once are told in one word, and who says the same again in none', async () => {
  const { clock, registry, told } = await open()
  clock.advance(200)
  told.length = 0
  await Promise.all(Array.from({ length: 100 }, (_, index) => registry.joinParty(id, peer(`p${index}`))))
  await registry.leaveParty(id, 'p7')
  clock.advance(200)
  assert.deepEqual([told.length, told[0]?.peers.length, told[0]?.left], [1, 99, ['p7']])
  await registry.joinParty(id, peer('p8'))
  clock.advance(200)
  assert.equal(told.length, 1)
})

test('who comes back is told what has changed since, and nothing where too much has', async () => {
  const { clock, registry, versions, whole } = await open()
  const followed = new FollowedParty()
  followed.takeWhole(whole())
  await registry.joinParty(id, peer('bob'))
  await registry.joinParty(id, peer('cy'))
  await registry.leaveParty(id, 'bob')
  const changes = versions.since(id, followed.version)
  assert.deepEqual([changes.peers.map(({ peer: { peer_id: who } }) => who), changes.left], [['cy'], ['bob']])
  assert.notEqual(followed.takeChanges(changes), 'missed')
  assert.deepEqual(plain(followed), plainOf(whole()))
  const { version } = followed
  for (let index = 0; index < 2100; index++) {
    await registry.joinParty(id, peer(`p${index}`))
    await registry.leaveParty(id, `p${index}`)
  }
  assert.deepEqual(versions.since(id, version).left, [])
  assert.equal(followed.takeChanges(versions.since(id, version)), 'missed')
  followed.takeWhole(whole())
  clock.advance(1000)
  assert.equal(followed.takeChanges(versions.since(id, followed.version)), 'same')
})
