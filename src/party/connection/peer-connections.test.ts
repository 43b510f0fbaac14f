import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { natBehaviours, SimulatedNetwork } from '../../../test/support/simulated-network.ts'
import { SimulatedRelay } from '../../../test/support/simulated-relay.ts'
import { openSimulatedStun } from '../../../test/support/simulated-stun.ts'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { nodeCrypto } from '../../net/native/node-crypto.ts'
import type { BirthdayResult } from '../../net/paths/birthday-probing.ts'
import { encodeKey } from '../../wire/wireguard/wireguard-key.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { PeerSignal } from '../../wire/party/peer-signal.ts'
import { isUp } from './connection-state.ts'
import type { StunPlace } from './own-addresses.ts'
import { PeerConnections } from './peer-connections.ts'

type NatName = keyof typeof natBehaviours

/** Two members behind routers, with a relay and a STUN server of two addresses, in virtual time. */
async function openPair(
  nats: readonly [NatName, NatName],
  {
    probing = [false, false],
    relays,
  }: {
    /** Whether each probes by birthday. */
    readonly probing?: readonly [boolean, boolean]
    /** What the control plane tells in the place of the STUN server. */
    readonly relays?: readonly WireAddress[]
  } = {},
) {
  const clock = new ManualClock()
  const network = new SimulatedNetwork(clock, 3)
  const relayAddress = { address: '203.0.113.50', port: 3478 }
  const relay = new SimulatedRelay(network.machine('relay', relayAddress.address).open(relayAddress.port), clock)
  const stun = openSimulatedStun(network, ['203.0.113.1', '203.0.113.2'])
  const heard: ((from: string, signal: PeerSignal) => void)[] = []
  const spares = { open: 0 }
  const results: BirthdayResult[] = []
  const stunServers = { now: (relays ?? [stun]).map((at): StunPlace => ({ at, by: 'control-plane' })) }
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5) {
      clock.advance(5)
      await nextTurn()
    }
  }
  const ids = ['ada', 'bo'] as const
  const keys = ids.map(() => nodeCrypto.newKeyPair())
  const opening = ids.map((id, at) => {
    const machine = network.machine(id, `198.51.100.${at + 1}`, natBehaviours[nats[at] ?? 'open'], `10.0.${at}.2`)
    let port = 6000
    return PeerConnections.open({
      partyId: 'lab',
      ownId: id,
      keys: keys[at] ?? nodeCrypto.newKeyPair(),
      socket: machine.open(5000),
      signals: {
        send: (_to, signal) => void clock.after(20, () => heard[1 - at]?.(id, signal)),
        listen: (listener) => {
          heard[at] = listener
          return () => {}
        },
      },
      stunServers: async () => stunServers.now,
      relay: { address: relayAddress, name: 'relay.test', issuer: relay.issuer },
      ...(probing[at] === true && {
        openSpare: async () => {
          spares.open++
          const close = async () => void spares.open--
          return Object.assign(machine.open(port++), { close })
        },
        onProbed: ({ result }) => void results.push(result),
      }),
      clock,
      random: seededRandom(at + 1),
      log: silentLog,
      without: () => true,
    })
  })
  let ends: PeerConnections[] = []
  void Promise.all(opening).then((opened) => (ends = opened))
  while (ends.length < 2) await pass(500)
  const members = ids.map((id, at) => {
    return { id, name: id, publicKey: encodeKey(keys[at]?.publicKey ?? new Uint8Array(32)), virtualIp: '' }
  })
  for (const [at, end] of ends.entries()) end.setPeers(members.filter(({ id }) => id !== ids[at]))
  return { ends: ends as [PeerConnections, PeerConnections], spares, results, stun, stunServers, pass }
}

const kindsOf = (ends: readonly PeerConnections[]) =>
  ends.map(({ reach: [to] }) => (to && isUp(to.state) ? to.state.kind : to?.state.name))

for (const nats of [
  ['symmetric', 'port-restricted'],
  ['port-restricted', 'symmetric'],
] as const) {
  test(`members behind ${nats.join(' and ')} move from the relay to a direct path that was probed for by birthday`, async () => {
    const { ends, spares, results, pass } = await openPair(nats, { probing: [true, true] })
    const [ada, bo] = ends
    await pass(2000)
    assert.deepEqual(kindsOf(ends), ['relayed', 'relayed'])
    await pass(8000)
    assert.deepEqual(kindsOf(ends), ['direct', 'direct'])
    for (const { reach, birthday } of ends) {
      assert.match(reach[0]?.explanation ?? '', /^direct .*birthday probing has opened a direct path \(\d+ probes/)
      assert.deepEqual([birthday?.runs, birthday?.opened], [1, 1])
    }
    assert.deepEqual(results, ['opened', 'opened'])
    const heard: string[] = []
    bo.listen((from, bytes) => heard.push(`${from}: ${new TextDecoder().decode(bytes)}`) > 0)
    assert.ok(ada.send('bo', new TextEncoder().encode('~by birthday')))
    await pass(100)
    assert.deepEqual(heard, ['ada: ~by birthday'])
    assert.ok(spares.open >= 1 && spares.open < 5, `${spares.open} sockets`)
    for (const end of ends) end[Symbol.dispose]()
    assert.equal(spares.open, 0)
  })
}

test('nothing is probed for where the other end does not do it, or both have a port for each destination', async () => {
  const alone = await openPair(['symmetric', 'port-restricted'], { probing: [true, false] })
  const hopeless = await openPair(['symmetric', 'symmetric'], { probing: [true, true] })
  for (const { ends, spares, pass } of [alone, hopeless]) {
    await pass(6000)
    assert.deepEqual(kindsOf(ends), ['relayed', 'relayed'])
    assert.equal(ends[0].birthday?.runs, 0)
    assert.equal(ends[0].addresses.nat, 'symmetric')
    assert.equal(spares.open, 0)
    for (const end of ends) end[Symbol.dispose]()
  }
})

test('a machine that knows nobody to ask finds out about its NAT when a relay has come to the control plane', async () => {
  const { ends, stun, stunServers, pass } = await openPair(['full cone', 'restricted'], { relays: [] })
  await pass(3000)
  assert.deepEqual(
    ends.map(({ addresses: { nat, policy } }) => [nat, policy]),
    [
      ['unknown', 'prefer-direct'],
      ['unknown', 'prefer-direct'],
    ],
  )
  assert.deepEqual(kindsOf(ends), ['relayed', 'relayed'], 'nobody told where these are')
  stunServers.now = [{ at: stun, by: 'control-plane' }]
  await pass(75_000)
  assert.deepEqual(
    ends.map(({ addresses }) => addresses.nat),
    ['full cone', 'restricted'],
  )
  assert.deepEqual(kindsOf(ends), ['direct', 'direct'])
  for (const end of ends) end[Symbol.dispose]()
})

test('a machine whom none of those that it knows answers takes relays alone, says why, and direct paths once one does', async () => {
  const relays = [{ address: '203.0.113.77', port: 3478 }]
  const { ends, stun, stunServers, pass } = await openPair(['full cone', 'open'], { relays })
  await pass(3000)
  assert.deepEqual(kindsOf(ends), ['relayed', 'relayed'])
  for (const { addresses } of ends) {
    assert.equal(addresses.policy, 'indirect')
    assert.match(
      addresses.explanation,
      /^no direct paths, relays and the tunnel only: .*no answer from 203\.0\.113\.77:3478/,
    )
  }
  stunServers.now = [{ at: stun, by: 'control-plane' }]
  await pass(20_000)
  assert.deepEqual(kindsOf(ends), ['direct', 'direct'])
  for (const end of ends) end[Symbol.dispose]()
})
