import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { natBehaviours, SimulatedNetwork } from '../../../test/support/simulated-network.ts'
import { SimulatedRelay } from '../../../test/support/simulated-relay.ts'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openMemoryPipe } from '../../kernel/memory-pipe.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import type { PathFinder } from '../../net/paths/path-finder.ts'
import { PathPorts } from '../../net/paths/path-ports.ts'
import type { PeerSignal } from '../../wire/party/peer-signal.ts'
import { openMemoryPartyRecords } from '../../store/memory-party-records.ts'
import { PartyTunnels } from '../control/party-tunnels.ts'
import { PartyRegistry } from '../registry/party-registry.ts'
import { isUp, usualConnectionRules } from './connection-state.ts'
import { PeerConnection } from './peer-connection.ts'
import { TunnelSocket } from './tunnel-socket.ts'
import { RelaySocket } from './relay-socket.ts'

const relayAddress = { address: '203.0.113.50', port: 3478 }

/** Two machines without routers, a relay, and a control plane that can lose what it is to pass on, in virtual time. */
function openScene({ clock = new ManualClock(), tunnels }: { clock?: ManualClock; tunnels?: TestTunnels } = {}) {
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
    let finder: PathFinder | undefined
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
      addresses: () =>
        machine.behaviour.blocksUdp
          ? { candidates: [], seen: [], nat: 'udp-blocked', policy: 'indirect' }
          : { candidates: [socket.local], seen: [], nat: 'open', policy: 'prefer-direct' },
      relay: lends ? { address: relayAddress, name: 'relay.test', issuer: relay.issuer } : undefined,
      tunnel: tunnels?.of(id),
      birthday: undefined,
      log: silentLog,
      onFinder: (found) => void (finder = found),
      signal: (signal) => {
        signalled.push({ from: id, signal })
        clock.after(20, () => !lost.isAll && ends.get(peerId)?.hear(signal))
      },
    })
    ports.onPacket = (bytes, _path, from) => from === finder && heard.push(new TextDecoder().decode(bytes))
    ends.set(id, connection)
    return { connection, heard, machine, close: () => connection[Symbol.dispose]() }
  }
  return { clock, network, open, signalled, lost }
}

/** The tunnel of a real control plane, for the two. */
class TestTunnels {
  readonly clock: ManualClock
  readonly plane: PartyTunnels
  readonly #tokens: ReadonlyMap<string, string>
  readonly #pipes = new Set<Pipe>()
  /** Nobody reaches it while it is so. */
  isDown = false

  private constructor(clock: ManualClock, plane: PartyTunnels, tokens: ReadonlyMap<string, string>) {
    this.clock = clock
    this.plane = plane
    this.#tokens = tokens
  }

  static async open(): Promise<TestTunnels> {
    const clock = new ManualClock()
    const registry = await PartyRegistry.open({ records: openMemoryPartyRecords(), clock, log: silentLog })
    const tokens = new Map<string, string>()
    const facts = { publicKey: '', natType: 'unknown' as const, publicIp: undefined, publicPort: undefined }
    const peer = (id: string) => ({ peerId: id, name: id, ...facts, localIp: undefined, localPort: undefined })
    for (const id of ['ada', 'bo']) tokens.set(id, (await registry.tokens.register(id)).token)
    await registry.registerParty({ id: 'lab', name: 'Lab', host: peer('ada'), admission: 'id' })
    await registry.joinParty('lab', peer('bo'))
    return new TestTunnels(clock, new PartyTunnels({ registry, clock, log: silentLog }), tokens)
  }

  of(id: string): TunnelSocket {
    const open = async () => {
      if (this.isDown) throw new Error('nobody answers')
      const [near, far] = openMemoryPipe()
      this.#pipes.add(far)
      this.plane.accept(far, { source: id })
      return { pipe: this.#slow(near), token: this.#tokens.get(id) ?? '', where: 'https://plane.test' }
    }
    const { clock } = this
    return new TunnelSocket({ door: { open }, partyId: 'lab', ownId: id, clock, random: () => 0.5, log: silentLog })
  }

  #slow(pipe: Pipe): Pipe {
    return {
      get open() {
        return pipe.open
      },
      get buffered() {
        return pipe.buffered
      },
      closed: pipe.closed,
      listen: (listener) => pipe.listen(listener),
      send: (message) => void this.clock.after(15, () => pipe.send(message)),
      pause: () => pipe.pause(),
      close: (code, reason) => pipe.close(code, reason),
    }
  }

  /** Ends every socket, without a word. */
  cut(): void {
    for (const pipe of this.#pipes) pipe.close(undefined, 'cut')
  }

  /** Time goes on, with what happens beside it. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100)
      await nextTurn()
    }
  }
}

const kindOf = ({ state: { value } }: PeerConnection) => (isUp(value) ? value.kind : value.name)
const say = (connection: PeerConnection, text: string) => connection.send(new TextEncoder().encode(`~${text}`))

test('two peers meet whoever comes first, and carry datagrams both ways', () => {
  const { clock, open } = openScene()
  const ada = open('ada')
  assert.ok(!say(ada.connection, 'nobody'))
  clock.advance(10_000)
  assert.equal(kindOf(ada.connection), 'connecting')
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

test('what found no path leaves by the first one that is found, the last few and only for seconds', () => {
  const { clock, open } = openScene()
  const ada = open('ada')
  say(ada.connection, 'too old')
  clock.advance(10_000)
  for (const text of ['first', 'second', 'third', 'fourth', 'fifth']) say(ada.connection, text)
  const bo = open('bo')
  say(bo.connection, 'hello')
  clock.advance(4000)
  assert.deepEqual([ada.heard, bo.heard], [['~hello'], ['~second', '~third', '~fourth', '~fifth']])
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

test('where UDP is blocked two peers meet in the tunnel, say why, and leave it soon after UDP works again', async () => {
  const tunnels = await TestTunnels.open()
  const { open } = openScene({ clock: tunnels.clock, tunnels })
  const [ada, bo] = [open('ada'), open('bo')]
  ada.machine.behaviour = natBehaviours['udp-blocked']
  await tunnels.pass(4000)
  assert.deepEqual(
    [ada, bo].map(({ connection }) => kindOf(connection)),
    ['web-port', 'web-port'],
  )
  assert.match(ada.connection.explanation, /^tunnel: UDP is blocked here; web port https:\/\/plane\.test, \d+ ms/)
  assert.match(bo.connection.explanation, /^tunnel: UDP is blocked at the other end/)
  assert.ok(say(ada.connection, 'there') && say(bo.connection, 'and back'))
  await tunnels.pass(100)
  assert.deepEqual([ada.heard, bo.heard], [['~and back'], ['~there']])

  ada.machine.behaviour = natBehaviours.open
  ada.connection.retry()
  await tunnels.pass(6000)
  assert.deepEqual(
    [ada, bo].map(({ connection }) => kindOf(connection)),
    ['direct', 'direct'],
  )
  assert.equal(tunnels.plane.counts.members, 2, 'kept warm for a while')
  await tunnels.pass(31_000)
  assert.equal(tunnels.plane.counts.members, 0)
  assert.match(ada.connection.explanation, /^direct/)
})

test('the tunnel is not entered while a path answers, and carries within two seconds when the last one is cut', async () => {
  const tunnels = await TestTunnels.open()
  const { open, network } = openScene({ clock: tunnels.clock, tunnels })
  const [ada, bo] = [open('ada'), open('bo')]
  await tunnels.pass(10_000)
  assert.equal(kindOf(ada.connection), 'direct')
  assert.equal(tunnels.plane.counts.members, 0)
  network.between(ada.machine, bo.machine, { isCut: true })
  await tunnels.pass(3500)
  assert.deepEqual(
    [ada, bo].map(({ connection }) => kindOf(connection)),
    ['web-port', 'web-port'],
  )
  assert.match(ada.connection.explanation, /^tunnel: no other path answers/)
  network.between(ada.machine, bo.machine, { isCut: false })
  await tunnels.pass(15_000)
  assert.deepEqual(
    [ada, bo].map(({ connection }) => kindOf(connection)),
    ['direct', 'direct'],
  )
})

test('a tunnel that is cut is entered again, and without one the connection has failed and is cleaned up', async () => {
  const tunnels = await TestTunnels.open()
  const { open, lost } = openScene({ clock: tunnels.clock, tunnels })
  const [ada, bo] = [open('ada'), open('bo')]
  ada.machine.behaviour = natBehaviours['udp-blocked']
  await tunnels.pass(5000)
  tunnels.cut()
  await tunnels.pass(2000)
  assert.deepEqual(
    [ada, bo].map(({ connection }) => kindOf(connection)),
    ['web-port', 'web-port'],
  )
  tunnels.isDown = true
  lost.isAll = true
  tunnels.cut()
  await tunnels.pass(2000)
  assert.equal(kindOf(ada.connection), 'reconnecting')
  await tunnels.pass(240_000)
  assert.equal(kindOf(ada.connection), 'failed')
  await tunnels.pass(310_000)
  assert.equal(kindOf(ada.connection), 'cleaned')
  tunnels.isDown = lost.isAll = false
  bo.connection.retry()
  await tunnels.pass(40_000)
  assert.deepEqual(
    [ada, bo].map(({ connection }) => kindOf(connection)),
    ['web-port', 'web-port'],
  )
  ada.close()
  bo.close()
  await tunnels.pass(100)
  assert.equal(tunnels.plane.counts.members, 0)
})
