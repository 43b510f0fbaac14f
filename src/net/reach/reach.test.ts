import assert from 'node:assert/strict'
import { test } from 'node:test'
import { natBehaviours } from '../../../test/support/simulated-network.ts'
import { SimulatedReach, type ReachEnd } from '../../../test/support/simulated-reach.ts'
import type { SecureLink } from '../native/secure-link.ts'
import { NativeError } from '../native/native-error.ts'
import { mayBeChecked } from './gather-candidates.ts'

/** Says something on one link and sees that it comes by the other. */
async function saysBothWays(rig: SimulatedReach, links: { viewer: SecureLink; host: SecureLink }): Promise<boolean> {
  const heard: string[] = []
  const hear = (bytes: Uint8Array) => void heard.push(new TextDecoder().decode(bytes))
  links.viewer.onDatagram = hear
  links.host.onDatagram = hear
  links.viewer.send(new TextEncoder().encode('there'))
  links.host.send(new TextEncoder().encode('back'))
  await rig.run(200)
  return heard.toSorted().join() === 'back,there'
}

const kinds = ({ viewer, host }: { viewer: ReachEnd; host: ReachEnd }) =>
  [viewer, host].map(({ reach }) => reach.current?.kind)

for (const [viewer, host, kind] of [
  ['open', 'open', 'direct'],
  ['symmetric', 'restricted', 'direct'],
  ['symmetric', 'symmetric', 'relayed'],
  ['udp-blocked', 'open', 'web-port'],
] as const) {
  test(`Reach opens a channel by a ${kind} path between ${viewer} and ${host}, with what signalling told alone`, async () => {
    await using rig = new SimulatedReach(natBehaviours[viewer], natBehaviours[host])
    const links = await rig.dial()
    assert.deepEqual(kinds(rig), [kind, kind])
    assert.equal(links.host.path.kind, kind)
    assert.ok(await saysBothWays(rig, links))
    assert.match(
      rig.viewer.reach.explanation,
      new RegExp({ direct: '^direct', relayed: '^relay', 'web-port': '^web port' }[kind]),
    )
    assert.match(rig.host.reach.why, /^(direct|relay|web port)[^;]* \d+ ms/, 'the host followed before it had answers')
  })
}

for (const direction of ['both ways', 'to the host', 'to the viewer'] as const) {
  test(`Reach goes on by a relay within two seconds when the direct path is dead ${direction}, and back, on the same channel`, async () => {
    await using rig = new SimulatedReach(natBehaviours.restricted, natBehaviours['port-restricted'])
    const links = await rig.dial()
    await rig.run(3000)
    let moves = 0
    links.host.onPathChange = () => moves++
    const { viewer, host, network } = rig
    const cut = (isCut: boolean) => {
      if (direction !== 'to the viewer') network.way(viewer.machine, host.machine).isCut = isCut
      if (direction !== 'to the host') network.way(host.machine, viewer.machine).isCut = isCut
    }
    cut(true)
    await rig.run(2000)
    assert.deepEqual(kinds(rig), ['relayed', 'relayed'])
    assert.equal(moves, 1)
    assert.ok(await saysBothWays(rig, links))
    cut(false)
    for (let waited = 0; waited < 30_000 && viewer.reach.current?.kind !== 'direct'; waited += 100) await rig.run(100)
    await rig.run(200)
    assert.deepEqual(kinds(rig), ['direct', 'direct'])
    assert.equal(viewer.news.at(-1)?.news.cause, 'better')
    assert.ok(await saysBothWays(rig, links))
    assert.deepEqual([links.viewer.isOpen, links.host.isOpen, links.host.statistics.forged], [true, true, 0])
  })
}

test('Reach takes the next relay when one is killed, and the web port when all are', async () => {
  await using rig = new SimulatedReach(natBehaviours.symmetric, natBehaviours.symmetric, { relays: 2 })
  const links = await rig.dial()
  const kill = (name: string | undefined) => {
    const relay = rig.relays.find(({ machine }) => name?.includes(machine.outside))
    assert.ok(relay, name)
    for (const { machine } of [rig.viewer, rig.host]) rig.network.between(machine, relay.machine, { isCut: true })
  }
  const first = rig.viewer.reach.current?.name
  kill(first)
  await rig.run(2500)
  assert.deepEqual(kinds(rig), ['relayed', 'relayed'])
  assert.notEqual(rig.viewer.reach.current?.name, first)
  assert.ok(await saysBothWays(rig, links))
  kill(rig.viewer.reach.current?.name)
  await rig.run(2500)
  assert.deepEqual(kinds(rig), ['web-port', 'web-port'])
  assert.ok(await saysBothWays(rig, links))
})

test('Reach keeps its relay for longer than a lease, as leases are renewed', async () => {
  await using rig = new SimulatedReach(natBehaviours.symmetric, natBehaviours.symmetric, { hasTunnel: false })
  const links = await rig.dial()
  await rig.run(150_000)
  assert.deepEqual(kinds(rig), ['relayed', 'relayed'])
  assert.ok((rig.relays[0]?.core.core.counters.renewed ?? 0) >= 2)
  assert.ok(await saysBothWays(rig, links))
  assert.deepEqual(
    rig.viewer.news.map(({ news }) => news.cause),
    ['first'],
  )
})

test('Reach finds a viewer again that is on another network', async () => {
  await using rig = new SimulatedReach(natBehaviours.open, natBehaviours.restricted, { hasTunnel: false })
  const links = await rig.dial()
  await rig.run(2000)
  const { viewer, network } = rig
  const elsewhere = network.machine('viewer elsewhere', '198.51.100.77', natBehaviours['full cone'], '192.168.7.7')
  viewer.machine.moveTo(elsewhere)
  viewer.addresses = ['192.168.7.7']
  await rig.run(2500)
  assert.ok(await saysBothWays(rig, links), 'by the relay, where that was quicker')
  for (let waited = 0; waited < 10_000 && viewer.reach.current?.kind !== 'direct'; waited += 100) await rig.run(100)
  await rig.run(200)
  assert.deepEqual(kinds(rig), ['direct', 'direct'])
  assert.match(rig.host.reach.current?.name ?? '', /198\.51\.100\.77/)
  assert.ok(await saysBothWays(rig, links))
})

test('Reach carries datagrams that are sealed already, and those of a stranger reach nobody', async () => {
  await using rig = new SimulatedReach(natBehaviours.restricted, natBehaviours.restricted)
  const { viewer, host } = rig
  const heard: Uint8Array[] = []
  host.reach.onDatagram = (bytes) => void heard.push(bytes)
  assert.equal(viewer.reach.send(Uint8Array.of(4, 0, 0, 0, 9)), false)
  await rig.run(2000)
  assert.equal(viewer.reach.send(Uint8Array.of(4, 0, 0, 0, 9)), true)
  await rig.run(100)
  assert.deepEqual(
    heard.map((bytes) => [...bytes]),
    [[4, 0, 0, 0, 9]],
  )
  const stranger = rig.network.machine('stranger', '198.51.100.66').open(4000)
  const at = viewer.reach.current?.address
  assert.ok(at)
  stranger.send(Uint8Array.of(4, 0, 0, 0, 1), at)
  await rig.run(100)
  assert.equal(heard.length, 1)
})

test('Reach tells nobody where it is under relay-only, and takes nothing direct', async () => {
  await using rig = new SimulatedReach(natBehaviours.open, natBehaviours.open, { policy: 'relay-only' })
  await rig.dial()
  assert.deepEqual(kinds(rig), ['relayed', 'relayed'])
  for (const { signal } of rig.said) {
    if (signal.type === 'introduce') assert.deepEqual(signal.candidates, [])
    else assert.notEqual(signal.type, 'candidates')
  }
})

test('Reach says what it tried when nothing leads to the other end, and keeps nothing when it is let go', async () => {
  const rig = new SimulatedReach(natBehaviours['udp-blocked'], natBehaviours.open, { hasTunnel: false })
  await assert.rejects(rig.dial(5000), (error) => error instanceof NativeError && error.code === 'unreachable')
  const waiting = rig.viewer.reach.found(60_000)
  waiting.catch(() => {})
  for (const { reach } of [rig.viewer, rig.host]) reach[Symbol.dispose]()
  await assert.rejects(waiting, (error) => error instanceof NativeError && error.code === 'closed')
  assert.deepEqual([rig.viewer.port.size, rig.host.port.size], [0, 0])
  assert.equal(rig.viewer.reach.send(Uint8Array.of(1)), false)
  await rig[Symbol.asyncDispose]()
  assert.equal(rig.clock.pending, 0)
})

test('mayBeChecked keeps checks from services, from groups and from what is only here', () => {
  const own = [{ address: '192.168.1.5', port: 4000 }]
  const cases: readonly [address: string, port: number, may: boolean][] = [
    ['192.168.1.9', 5000, true],
    ['2001:db8::9', 5000, true],
    ['192.168.1.9', 53, false],
    ['127.0.0.1', 5000, false],
    ['::1', 5000, false],
    ['0.0.0.0', 5000, false],
    ['239.1.2.3', 5000, false],
    ['ff02::1', 5000, false],
    ['nowhere', 5000, false],
  ]
  for (const [address, port, may] of cases) assert.equal(mayBeChecked({ address, port }, own), may, address)
  const here = { address: '127.0.0.1', port: 5000 }
  assert.equal(mayBeChecked(here, [{ address: '127.0.0.1', port: 1 }]), true)
  assert.equal(mayBeChecked(here, own, true), true)
})
