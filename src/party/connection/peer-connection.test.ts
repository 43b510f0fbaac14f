import assert from 'node:assert/strict'
import { test } from 'node:test'
import { natBehaviours, SimulatedNetwork } from '../../../test/support/simulated-network.ts'
import { SimulatedRelay } from '../../../test/support/simulated-relay.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { PathPorts } from '../../net/paths/path-ports.ts'
import type { PeerSignal } from '../../wire/party/peer-signal.ts'
import { isUp, usualConnectionRules } from './connection-state.ts'
import { PeerConnection } from './peer-connection.ts'
import { RelaySocket } from './relay-socket.ts'

const relayAddress = { address: '203.0.113.50', port: 3478 }

/** Two machines without routers, a relay, and a control plane that can lose what it is to pass on, in virtual time. */
function openScene() {
  const clock = new ManualClock()
  const network = new SimulatedNetwork(clock, 1)
  const relay = new SimulatedRelay(network.machine('relay', relayAddress.address).open(relayAddress.port), clock)
  const ends = new Map<string, PeerConnection>()
  const signalled: { readonly from: string; readonly signal: PeerSignal }[] = []
  const machines = new Map(
    ['ada', 'bo'].map((id, at) => [id, network.machine(id, `198.51.100.${at + 1}`, natBehaviours.open)]),
  )
  const lost = { isAll: false }
  let port = 5000
  const open = (id: string, { agreed = 7, lends = false } = {}) => {
    const peerId = id === 'ada' ? 'bo' : 'ada'
    const machine = machines.get(id)
    assert.ok(machine)
    const socket = machine.open(port++)
    const relays = new RelaySocket(socket)
    const ports = new PathPorts(socket)
    const heard: string[] = []
    const connection = new PeerConnection({
      partyId: 'lab',
      ownId: id,
      peerId,
      agreed: new Uint8Array(32).fill(agreed),
      socket: relays,
      ports,
      clock,
      random: seededRandom(id === 'ada' ? 1 : 2),
      rules: usualConnectionRules,
      policy: () => 'prefer-direct',
      candidates: () => [socket.local],
      relay: lends ? { address: relayAddress, name: 'relay.test', issuer: relay.issuer } : undefined,
      signal: (signal) => {
        signalled.push({ from: id, signal })
        clock.after(20, () => !lost.isAll && ends.get(peerId)?.hear(signal))
      },
      onDatagram: (bytes) => heard.push(new TextDecoder().decode(bytes)),
    })
    ports.onPacket = (bytes, { name }) => connection.owns(name) && heard.push(new TextDecoder().decode(bytes))
    ends.set(id, connection)
    return { connection, heard, machine, close: () => connection[Symbol.dispose]() }
  }
  return { clock, network, open, signalled, lost }
}

const kindOf = ({ state: { value } }: PeerConnection) => (isUp(value) ? value.kind : value.name)
const say = (connection: PeerConnection, text: string) => connection.send(new TextEncoder().encode(`~${text}`))

test('two peers meet whoever comes first, and carry datagrams both ways', () => {
  const { clock, open } = openScene()
  const ada = open('ada')
  clock.advance(10_000)
  assert.equal(kindOf(ada.connection), 'connecting')
  assert.ok(!say(ada.connection, 'nobody'))
  const bo = open('bo')
  clock.advance(5000)
  assert.deepEqual(
    [ada, bo].map(({ connection }) => kindOf(connection)),
    ['direct', 'direct'],
  )
  assert.ok(say(ada.connection, 'there') && say(bo.connection, 'and back'))
  clock.advance(100)
  assert.deepEqual([ada.heard, bo.heard], [['~and back'], ['~there']])
  ada.close()
  bo.close()
})

test('a peer that was started again is met anew, without waiting for what it was before', () => {
  const { clock, open } = openScene()
  const ada = open('ada')
  const before = open('bo')
  clock.advance(5000)
  before.close()
  const bo = open('bo')
  clock.advance(5000)
  assert.deepEqual(
    [ada, bo].map(({ connection }) => kindOf(connection)),
    ['direct', 'direct'],
  )
  assert.ok(say(bo.connection, 'again'))
  clock.advance(100)
  assert.deepEqual(ada.heard, ['~again'])
})

test('whoever lends a relay lets both meet there, and renews their leases for as long as it takes', () => {
  for (const lender of ['ada', 'bo', 'both']) {
    const { clock, network, open, signalled } = openScene()
    const ada = open('ada', { lends: lender !== 'bo' })
    const bo = open('bo', { lends: lender !== 'ada' })
    network.between(ada.machine, bo.machine, { isCut: true })
    clock.advance(8000)
    assert.deepEqual(
      [ada, bo].map(({ connection }) => kindOf(connection)),
      ['relayed', 'relayed'],
      lender,
    )
    if (lender === 'bo') {
      clock.advance(6 * 60_000)
      assert.equal(kindOf(ada.connection), 'relayed', 'later')
      assert.equal(signalled.filter(({ signal }) => signal.type === 'lease').length, 2)
    }
    assert.ok(say(ada.connection, 'by the relay'))
    clock.advance(100)
    assert.deepEqual(bo.heard, ['~by the relay'])
    network.between(ada.machine, bo.machine, { isCut: false })
    clock.advance(15_000)
    assert.equal(kindOf(ada.connection), 'direct')
  }
})

test('one whose key is not the one that the party knows is never reached', () => {
  const { clock, open } = openScene()
  const ada = open('ada')
  const mallory = open('bo', { agreed: 8 })
  clock.advance(60_000)
  assert.ok(!isUp(ada.connection.state.value) && !isUp(mallory.connection.state.value))
  assert.ok(!say(ada.connection, 'secret'))
})

test('a peer that is gone is cleaned up, nothing is said to it any more, and its next word begins anew', () => {
  const { clock, network, open, signalled, lost } = openScene()
  const ada = open('ada')
  const bo = open('bo')
  clock.advance(40_000)
  network.between(ada.machine, bo.machine, { isCut: true })
  lost.isAll = true
  clock.advance(10 * 60_000)
  assert.equal(ada.connection.state.value.name, 'cleaned')
  const said = signalled.length
  clock.advance(10 * 60_000)
  assert.equal(signalled.length, said)
  network.between(ada.machine, bo.machine, { isCut: false })
  lost.isAll = false
  bo.connection.retry()
  clock.advance(10_000)
  assert.deepEqual(
    [ada, bo].map(({ connection }) => kindOf(connection)),
    ['direct', 'direct'],
  )
})

test('two ends that misunderstand each other talk no faster for it', () => {
  const { clock, open, signalled } = openScene()
  const ada = open('ada')
  open('bo')
  clock.advance(5000)
  const before = signalled.length
  const offer = signalled.find(({ from, signal }) => from === 'bo' && signal.type === 'offer')?.signal
  assert.ok(offer?.type === 'offer')
  for (let times = 0; times < 1000; times++) ada.connection.hear({ ...offer, answers: 'AAAAAAAAAAAAAAAAAAAAAA' })
  assert.ok(signalled.length - before < 10)
})
