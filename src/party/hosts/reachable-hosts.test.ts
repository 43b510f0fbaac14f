import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openMemoryPipe } from '../../kernel/memory-pipe.ts'
import type { Pipe, PipeMessage } from '../../kernel/pipe.ts'
import { packetCostBytes } from '../../kernel/shared-rate.ts'
import { proveKey } from '../../net/native/key-proof.ts'
import { nodeCrypto } from '../../net/native/node-crypto.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { decodeRendezvousHost } from '../../wire/reach/protocol.ts'
import { decodeGatewayMessage, encodeRegistration, type GatewayMessage } from '../../wire/reach/registration.ts'
import { ReachableHosts, usualGatewayLimits, type GatewayLimits } from './reachable-hosts.ts'

const inText = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
const first = '{"type":"introduce"}'

interface SceneOptions {
  readonly limits?: Partial<GatewayLimits>
  readonly isServed?: boolean
  readonly relays?: () => readonly WireAddress[]
}

function openScene({ limits, isServed = true, relays }: SceneOptions = {}) {
  const clock = new ManualClock()
  const hosts = new ReachableHosts({
    isServed,
    clock,
    log: silentLog,
    randomBytes: (count) => randomBytes(count),
    limits: { ...usualGatewayLimits, ...limits },
    relays,
  })
  const hear = (pipe: Pipe): PipeMessage[] => {
    const heard: PipeMessage[] = []
    pipe.listen({ message: (message) => void heard.push(message), fault: () => {} })
    return heard
  }
  /** A host that answers its challenge by `own`, and says to be the host of `claimed`. */
  const register = async (own: KeyPair, { claimed = own.publicKey, source = '192.0.2.1' } = {}) => {
    const [pipe, far] = openMemoryPipe()
    const heard: GatewayMessage[] = []
    pipe.listen({
      message: (message) => {
        const said = decodeGatewayMessage(String(message))
        heard.push(said)
        if (said.type !== 'challenge') return
        const proof = proveKey(own, Buffer.from(said.key, 'base64url')) ?? new Uint8Array(32)
        pipe.send(encodeRegistration({ type: 'register', key: inText(claimed), proof: inText(proof) }))
      },
      fault: () => {},
    })
    hosts.register(far, source)
    await settle()
    const visits = () => heard.flatMap((said) => (said.type === 'visitor' ? said.visit : []))
    return { pipe, heard, visits, last: () => heard.at(-1) }
  }
  const visit = (key: Uint8Array, how: { source?: string; text?: PipeMessage } = {}) => {
    const { source = '198.51.100.1', text = first } = how
    const [pipe, far] = openMemoryPipe()
    const heard = hear(pipe)
    hosts.visit(far, { key: inText(key), source })
    if (text !== '') pipe.send(text)
    const code = () => {
      const said = typeof heard[0] === 'string' ? decodeRendezvousHost(heard[0]) : undefined
      return said?.type === 'refused' ? said.code : said?.type
    }
    return { pipe, heard, code }
  }
  const takeUp = (name: string | undefined) => {
    const [pipe, far] = openMemoryPipe()
    const heard = hear(pipe)
    hosts.takeUp(far, name ?? '')
    return { pipe, heard }
  }
  return { clock, hosts, register, visit, takeUp }
}

/** Pipes tell of their ends in microtasks. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

test('a visitor and the host that comes for them say to each other what they like, unread', async () => {
  const { hosts, register, visit, takeUp } = openScene()
  const own = nodeCrypto.newKeyPair()
  const host = await register(own)
  assert.deepEqual(host.last(), { type: 'registered' })
  const visitor = visit(own.publicKey, { text: 'anything' })
  visitor.pipe.send('and more')
  assert.equal(host.visits().length, 1)
  const there = takeUp(host.visits()[0])
  assert.deepEqual(there.heard, ['anything', 'and more'])
  there.pipe.send('an answer')
  there.pipe.send(Uint8Array.of(1, 2))
  visitor.pipe.send(Uint8Array.of(3))
  assert.deepEqual(visitor.heard, ['an answer', Uint8Array.of(1, 2)])
  assert.deepEqual(there.heard.at(-1), Uint8Array.of(3))
  // A name of a visit is good once.
  const thief = takeUp(host.visits()[0])
  await settle()
  assert.deepEqual([thief.pipe.open, thief.heard], [false, []])
  // The registration is not what carries it.
  host.pipe.close(1000, '')
  there.pipe.send('still')
  assert.equal(visitor.heard.at(-1), 'still')
  there.pipe.close(undefined, '')
  await settle()
  assert.equal(visitor.pipe.open, false)
  assert.deepEqual([hosts.counts.visits, hosts.counts.hosts, hosts.counts.handedOn], [0, 0, 2])
})

test('nobody registers by the key of another host, and who has the key takes the place of a socket of before', async () => {
  const { hosts, register, visit } = openScene()
  const [own, other] = [nodeCrypto.newKeyPair(), nodeCrypto.newKeyPair()]
  const host = await register(own)
  const thief = await register(other, { claimed: own.publicKey })
  const said = thief.last()
  assert.equal(said?.type === 'refused' && said.code, 'proof')
  await settle()
  assert.equal(thief.pipe.open, false)
  visit(own.publicKey)
  assert.deepEqual([host.visits().length, thief.visits().length], [1, 0])
  const again = await register(own)
  await settle()
  assert.equal(host.pipe.open, false)
  visit(own.publicKey)
  assert.deepEqual([again.visits().length, hosts.counts.hosts], [1, 1])
  assert.equal(hosts.counts.registrationsRefused.get('proof'), 1)
})

test('a host that says nothing, or nothing more, keeps no place', async () => {
  const { clock, hosts, register } = openScene()
  const [near, far] = openMemoryPipe()
  near.listen({ message: () => {}, fault: () => {} })
  hosts.register(far, '192.0.2.9')
  clock.advance(11_000)
  await settle()
  assert.equal(near.open, false)
  const host = await register(nodeCrypto.newKeyPair())
  clock.advance(40_000)
  await settle()
  host.pipe.send(encodeRegistration({ type: 'alive' }))
  assert.deepEqual(host.last(), { type: 'alive' })
  clock.advance(60_000)
  await settle()
  assert.equal(host.pipe.open, true)
  clock.advance(20_000)
  await settle()
  assert.deepEqual([host.pipe.open, hosts.counts.hosts], [false, 0])
})

test('a host that breaks the protocol loses its socket alone', async () => {
  const { hosts, register } = openScene()
  for (const message of ['{', Uint8Array.of(1), 'x'.repeat(2000), '{"type":"register","key":"","proof":""}']) {
    const host = await register(nodeCrypto.newKeyPair())
    host.pipe.send(message)
    await settle()
    assert.equal(host.pipe.open, false)
  }
  const twice = await register(nodeCrypto.newKeyPair())
  twice.pipe.send(encodeRegistration({ type: 'register', key: 'A'.repeat(43), proof: 'A'.repeat(43) }))
  await settle()
  assert.equal(twice.pipe.open, false)
  const flood = await register(nodeCrypto.newKeyPair())
  for (let count = 0; count < 30; count++) flood.pipe.send(encodeRegistration({ type: 'alive' }))
  await settle()
  assert.deepEqual([flood.pipe.open, hosts.counts.hosts], [false, 0])
})

test('a visitor hears why not: never here, away, no answer, too many tries, no room', async () => {
  const { clock, hosts, register, visit } = openScene({ limits: { visitsOfHost: 2 } })
  const own = nodeCrypto.newKeyPair()
  assert.equal(visit(own.publicKey).code(), 'not-registered')
  const host = await register(own)
  const waiting = visit(own.publicKey)
  const [, third] = [visit(own.publicKey), visit(own.publicKey)]
  assert.deepEqual([waiting.code(), third.code()], [undefined, 'full'])
  clock.advance(10_500)
  await settle()
  assert.equal(waiting.code(), 'no-answer')
  await settle()
  assert.equal(hosts.counts.visits, 0)
  host.pipe.close(1000, '')
  await settle()
  clock.advance(5000)
  await settle()
  const late = visit(own.publicKey)
  assert.equal(late.code(), 'host-away')
  assert.match(String(late.heard[0]), /left 5 s ago/)
  const codes = new Set<string | undefined>()
  for (let count = 0; count < 60; count++) {
    codes.add(visit(own.publicKey).code())
    await settle()
  }
  assert.deepEqual(codes, new Set(['host-away', 'busy']))
  // Somebody else is not held up by it.
  assert.equal(visit(own.publicKey, { source: '198.51.100.2' }).code(), 'host-away')
  assert.ok((hosts.counts.refusals.get('busy') ?? 0) > 10)
})

test('a visitor who says nothing, too much, or what is too long is shown out, and one who never leaves when nothing is said', async () => {
  const { clock, hosts, register, visit, takeUp } = openScene()
  const own = nodeCrypto.newKeyPair()
  const host = await register(own)
  const alive = clock.every(20_000, () => host.pipe.send(encodeRegistration({ type: 'alive' })))
  const mute = visit(own.publicKey, { text: '' })
  const early = visit(own.publicKey, { text: Uint8Array.of(1) })
  const long = visit(own.publicKey, { text: 'x'.repeat(9000) })
  const loud = visit(own.publicKey)
  for (let count = 0; count < 20; count++) loud.pipe.send(first)
  await settle()
  assert.deepEqual([early.pipe.open, long.pipe.open, loud.pipe.open], [false, false, false])
  clock.advance(11_000)
  await settle()
  assert.equal(mute.pipe.open, false)
  const staying = visit(own.publicKey)
  const there = takeUp(host.visits().at(-1))
  const flooding = visit(own.publicKey)
  takeUp(host.visits().at(-1))
  for (let count = 0; count < 100; count++) flooding.pipe.send(first)
  await settle()
  assert.equal(flooding.pipe.open, false)
  clock.advance(140_000)
  await settle()
  there.pipe.send(Uint8Array.of(1))
  clock.advance(140_000)
  await settle()
  assert.equal(staying.pipe.open, true)
  clock.advance(30_000)
  await settle()
  assert.deepEqual([staying.pipe.open, there.pipe.open, hosts.counts.visits], [false, false, 0])
  alive.cancel()
})

test('places are bounded for a source and in all, for hosts and for visitors', async () => {
  const { hosts, register, visit } = openScene({
    limits: { hosts: 3, hostsOfSource: 2, visits: 6, visitsOfSource: 4 },
  })
  const refusal = async (source: string) => {
    const said = (await register(nodeCrypto.newKeyPair(), { source })).last()
    return said?.type === 'refused' ? said.code : said?.type
  }
  assert.deepEqual(
    [await refusal('192.0.2.1'), await refusal('192.0.2.1'), await refusal('192.0.2.1')],
    ['registered', 'registered', 'busy'],
  )
  assert.deepEqual([await refusal('192.0.2.2'), await refusal('192.0.2.3')], ['registered', 'full'])
  const own = nodeCrypto.newKeyPair()
  const crowd = Array.from({ length: 4 }, () => visit(own.publicKey, { text: '' }))
  assert.equal(visit(own.publicKey).code(), 'busy')
  await settle()
  const others = [2, 3, 4].map((host) => visit(own.publicKey, { source: `198.51.100.${host}`, text: '' }))
  await settle()
  assert.deepEqual(
    [...crowd, ...others].map(({ pipe }) => pipe.open),
    [true, true, true, true, true, true, false],
  )
  assert.equal(hosts.counts.visits, 6)
})

test('a host that is no gateway for others says so', async () => {
  const { register } = openScene({ isServed: false })
  const said = (await register(nodeCrypto.newKeyPair())).last()
  assert.equal(said?.type === 'refused' && said.code, 'not-served')
})

test('the rate is shared host by host: whoever sends without measure takes nothing from another host', async () => {
  const packet = new Uint8Array(1000)
  const perPacket = packet.length + packetCostBytes
  const { clock, hosts, register, visit, takeUp } = openScene({
    limits: { bytesInAll: 100 * perPacket, bytesOfHost: 100 * perPacket, bytesOfVisit: 100 * perPacket },
  })
  const meet = async (source: string, visitors: number) => {
    const own = nodeCrypto.newKeyPair()
    const host = await register(own, { source })
    return Array.from({ length: visitors }, () => {
      const visitor = visit(own.publicKey, { source })
      return { visitor, there: takeUp(host.visits().at(-1)) }
    })
  }
  const greedy = await meet('192.0.2.1', 4)
  const [modest] = await meet('192.0.2.2', 1)
  const received = (pairs: typeof greedy) =>
    pairs.reduce((sum, { visitor }) => sum + visitor.heard.filter((each) => typeof each !== 'string').length, 0)
  for (let tick = 0; tick < 100; tick++) {
    for (const { there } of greedy) for (let count = 0; count < 10; count++) there.pipe.send(packet)
    if (tick % 4 === 3) modest?.there.pipe.send(packet)
    clock.advance(100)
    await settle()
  }
  assert.ok(modest)
  assert.equal(received([modest]), 25, 'of 2.5 a second, when half of 100 is theirs for certain')
  const all = received(greedy)
  assert.ok(all >= 900 && all <= 1050, `${all} of 1,000 that there is room for`)
  const each = greedy.map((pair) => received([pair]))
  assert.ok(Math.min(...each) > 0.15 * all, `${each.join(', ')}: within a host, visitor by visitor`)
  assert.ok(hosts.counts.dropped > 1000)
})

test('the end of the gateway is the end of all', async () => {
  const { clock, hosts, register, visit, takeUp } = openScene()
  const own = nodeCrypto.newKeyPair()
  const host = await register(own)
  const visitor = visit(own.publicKey)
  const there = takeUp(host.visits()[0])
  hosts[Symbol.dispose]()
  await settle()
  assert.deepEqual([host.pipe.open, visitor.pipe.open, there.pipe.open], [false, false, false])
  assert.deepEqual([hosts.counts.hosts, hosts.counts.visits], [0, 0])
  assert.equal(clock.pending, 0)
})

test('a host is told of the relays of its gateway, four at most, and again only when they have changed', async () => {
  let relays = Array.from({ length: 9 }, (_, at) => ({ address: `203.0.113.${at}`, port: 3478 }))
  const { register } = openScene({ relays: () => relays })
  const host = await register(nodeCrypto.newKeyPair())
  assert.deepEqual(host.last(), { type: 'registered', relays: relays.slice(0, 4) })
  const alive = async () => {
    host.pipe.send(encodeRegistration({ type: 'alive' }))
    await settle()
    return host.last()
  }
  assert.deepEqual(await alive(), { type: 'alive' })
  relays = [{ address: '2001:db8::1', port: 3479 }]
  assert.deepEqual(await alive(), { type: 'alive', relays })
  assert.deepEqual(await alive(), { type: 'alive' })
  relays = []
  assert.deepEqual(await alive(), { type: 'alive', relays: [] })
})
