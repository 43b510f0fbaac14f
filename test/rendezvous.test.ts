import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { RendezvousDesk } from '../src/gateway/native/rendezvous-desk.ts'
import { silentLog } from '../src/kernel/log.ts'
import { ManualClock } from '../src/kernel/manual-clock.ts'
import { openMemoryPipe } from '../src/kernel/memory-pipe.ts'
import type { Pipe, PipeMessage } from '../src/kernel/pipe.ts'
import { seededRandom } from '../src/kernel/seeded-random.ts'
import { NativeError } from '../src/net/native/native-error.ts'
import { SecureEndpoint } from '../src/net/native/secure-endpoint.ts'
import type { SecureLink } from '../src/net/native/secure-link.ts'
import { HostMeeting } from '../src/net/reach/host-meeting.ts'
import { ReachPort } from '../src/net/reach/reach-port.ts'
import { HostRelays } from '../src/server/native/host-relays.ts'
import { NativeReaches, type ReachEvents } from '../src/viewer/native/native-reaches.ts'
import { RemoteReach } from '../src/viewer/remote-reach.ts'
import { decodeRendezvousHost, encodeRendezvous, type RendezvousClientMessage } from '../src/wire/reach/protocol.ts'
import { seededCrypto } from './support/secure-rig.ts'
import { pass, untilSettled } from './support/simulated-channel.ts'
import { natBehaviours, SimulatedNetwork, type NatBehaviour } from './support/simulated-network.ts'
import { SimulatedRelay } from './support/simulated-relay.ts'
import { openSimulatedStun } from './support/simulated-stun.ts'

const relayName = 'relay.test'

/** A host with its desk, its part of the viewer process and a relay, and a client somewhere, in virtual time; the web port is a memory pipe. */
function openScene(t: TestContext, natOfClient: NatBehaviour, natOfHost: NatBehaviour) {
  const clock = new ManualClock()
  const network = new SimulatedNetwork(clock, 3)
  const stun = openSimulatedStun(network, ['203.0.113.1', '203.0.113.2'])
  const relay = new SimulatedRelay(network.machine('relay', '203.0.113.50').open(3478), clock)
  const links: SecureLink[] = []
  let isElsewhere = false
  const open = (name: string, outside: string, behind: string, behaviour: NatBehaviour) => {
    const inside = behaviour.mapping === 'none' ? outside : behind
    const socket = network.machine(name, outside, behaviour, inside).open(5000)
    const port = new ReachPort({
      socket,
      clock,
      policy: 'prefer-direct',
      stunServers: [stun],
      ownAddresses: () => (name === 'client' && isElsewhere ? ['10.0.7.7'] : [inside]),
    })
    const crypto = seededCrypto(name.length)
    const own = crypto.newKeyPair()
    const onLink = (link: SecureLink) => links.push(link)
    const endpoint = new SecureEndpoint({ crypto, clock, port, own, random: seededRandom(1), onLink })
    port.carries(endpoint)
    return { port, endpoint, own }
  }
  const client = open('client', '198.51.100.2', '10.0.1.2', natOfClient)
  const host = open('host', '198.51.100.10', '10.0.2.2', natOfHost)
  const remotes = new Map<number, RemoteReach>()
  const events: ReachEvents = {
    signal: (id, signal) => remotes.get(id)?.events.signal(signal),
    packet: (id, packet) => remotes.get(id)?.events.packet(packet.slice()),
    over: (id, reason) => remotes.get(id)?.over(reason),
  }
  const reaches = new NativeReaches({ ...host, clock, events })
  const toRelay = network.machine('issuer', '198.51.100.200').open(6000)
  const leases = new HostRelays({
    relays: [{ name: relayName, host: '203.0.113.50', port: 3478 }],
    issuer: relay.issuer,
    send: (bytes, to) => toRelay.send(bytes, to),
    clock,
    log: silentLog,
    randomBytes: (count) => seededCrypto(9).random(count),
    addressOf: async (name) => name,
  })
  let nextId = 1
  let tickets = 0
  const recordings: string[] = []
  const desk = new RendezvousDesk({
    viewerProcess: {
      openReach(origin, remoteEvents) {
        const id = nextId++
        const remote = new RemoteReach({
          id,
          origin,
          events: remoteEvents,
          run: {
            send(order) {
              if (order.type === 'reach-signal') reaches.signal(id, origin, order.signal)
              else if (order.type === 'reach-tunnel') reaches.tunnel(id, order.where)
              else reaches.end(id, 'ended')
            },
            packet: ({ packet }) => reaches.packet(id, packet),
          },
        })
        remotes.set(id, remote)
        return remote
      },
    },
    publicKey: host.own.publicKey,
    leases,
    clock,
    log: silentLog,
    // A ticket each.
    randomBytes: (count) => new Uint8Array(count).fill(++tickets),
    keepRecording: (_name, recording) => void recordings.push(recording),
  })
  const pipes: Pipe[] = []
  let isWebPortUp = true
  const connect = async (source = '198.51.100.2'): Promise<Pipe> => {
    if (!isWebPortUp) throw new Error('connection refused')
    const [there, here] = openMemoryPipe()
    pipes.push(there)
    desk.enter(here, { source, place: `tcp ${source}` })
    return there
  }
  const meet = async (hostKey = host.own.publicKey) => {
    const opening = HostMeeting.open({
      port: client.port,
      hostKey,
      connect,
      where: 'https://host.test',
      clock,
      random: seededRandom(2),
    })
    await untilSettled(clock, opening, 20_000)
    return opening
  }
  const dial = async (meeting: HostMeeting) => {
    const dialled = meeting.reach.dial(client.endpoint, { role: 'viewer', peerKey: host.own.publicKey })
    await untilSettled(clock, dialled, 20_000)
    await pass(clock, 500, 10)
    return dialled
  }
  t.after(async () => {
    desk.close()
    for (const { endpoint, port } of [client, host]) {
      endpoint[Symbol.dispose]()
      port[Symbol.dispose]()
    }
    reaches[Symbol.dispose]()
    leases[Symbol.dispose]()
    relay[Symbol.dispose]()
    await pass(clock, 100, 10)
  })
  return {
    clock,
    network,
    relay,
    links,
    client,
    host,
    desk,
    leases,
    reaches,
    recordings,
    pipes,
    moveClient: () => (isElsewhere = true),
    connect,
    meet,
    dial,
    cutWebPort(isUp: boolean) {
      isWebPortUp = isUp
      if (!isUp) for (const pipe of pipes) pipe.close(undefined, '')
    },
    run: (ms: number) => pass(clock, ms, 20),
  }
}

for (const [client, host, kind] of [
  ['restricted', 'port-restricted', 'direct'],
  ['symmetric', 'symmetric', 'relayed'],
  ['udp-blocked', 'restricted', 'web-port'],
] as const) {
  test(`a client behind ${client} meets a host behind ${host} at its web port, and has a ${kind} path`, async (t) => {
    const scene = openScene(t, natBehaviours[client], natBehaviours[host])
    const meeting = await scene.meet()
    const link = await scene.dial(meeting)
    await scene.run(1000)
    assert.equal(meeting.reach.current?.kind, kind)
    const heard: string[] = []
    const other = scene.links.at(-1)
    assert.ok(other)
    other.onDatagram = (bytes) => void heard.push(new TextDecoder().decode(bytes))
    link.send(new TextEncoder().encode('hello'))
    await scene.run(200)
    assert.deepEqual(heard, ['hello'])
    assert.equal(other.path.kind, kind)
    // The end of the channel is the end of all that was kept for it: the relay forwards nothing of it any more.
    link.close('closed')
    meeting[Symbol.dispose]()
    await scene.run(20_000)
    assert.deepEqual([scene.desk.size, scene.host.port.size, scene.leases.size], [0, 0, 0])
    assert.equal(scene.relay.core.sessionCount, 0)
    assert.equal(scene.recordings.length, 1)
  })
}

test('a client whose web socket is cut goes on by its path, comes back to its meeting, and has the tunnel again', async (t) => {
  const scene = openScene(t, natBehaviours.symmetric, natBehaviours.symmetric)
  const meeting = await scene.meet()
  await scene.dial(meeting)
  scene.cutWebPort(false)
  await scene.run(5000)
  assert.equal(meeting.reach.current?.kind, 'relayed')
  assert.match(meeting.reach.explanation, /web port https:\/\/host\.test, no answer/)
  scene.cutWebPort(true)
  await scene.run(15_000)
  assert.match(meeting.reach.explanation, /web port https:\/\/host\.test, \d+ ms, kept warm/)
  assert.equal(scene.desk.size, 1)
  meeting[Symbol.dispose]()
})

test('a client on another network comes back to its meeting on a new web socket, whatever becomes of the former one', async (t) => {
  const scene = openScene(t, natBehaviours.symmetric, natBehaviours.symmetric)
  const meeting = await scene.meet()
  await scene.dial(meeting)
  const [before] = scene.pipes
  scene.moveClient()
  await scene.run(10_000)
  assert.equal(before?.open, false)
  assert.deepEqual([scene.pipes.length, scene.pipes.at(-1)?.open, scene.desk.size], [2, true, 1])
  assert.match(meeting.reach.explanation, /web port https:\/\/host\.test, \d+ ms.*, kept warm/)
  meeting[Symbol.dispose]()
})

test('who names another host, asks too often, or breaks the protocol is refused, and costs nothing', async (t) => {
  const scene = openScene(t, natBehaviours.open, natBehaviours.open)
  await assert.rejects(
    scene.meet(new Uint8Array(32).fill(5)),
    (error) =>
      error instanceof NativeError && error.code === 'unreachable' && error.message.includes('No host of that key'),
  )
  const introduce = {
    type: 'introduce' as const,
    fragment: 'abcd',
    password: 'x'.repeat(24),
    relayKey: 'A'.repeat(43),
    candidates: [],
    to: Buffer.from(scene.host.own.publicKey).toString('base64url'),
  } satisfies RendezvousClientMessage
  /** What is said in answer, and how it ended. */
  const say = async (...messages: PipeMessage[]) => {
    const pipe = await scene.connect('192.0.2.77')
    const heard: string[] = []
    pipe.listen({
      message: (message) => {
        if (typeof message !== 'string') return
        const said = decodeRendezvousHost(message)
        heard.push(said.type === 'refused' ? said.code : said.type)
      },
      fault: () => {},
    })
    for (const message of messages) pipe.send(message)
    await scene.run(100)
    return { pipe, heard, isOpen: pipe.open }
  }
  assert.equal((await say('{')).isOpen, false)
  assert.equal((await say('x'.repeat(9000))).isOpen, false)
  assert.equal((await say(Uint8Array.of(1, 2, 3))).isOpen, false)
  assert.equal((await say('{"type":"candidates","candidates":[]}')).isOpen, false)
  assert.deepEqual((await say('{"type":"return","ticket":"aaaaaaaaaaaaaaaaaaaaaaaa"}')).heard, ['unknown-ticket'])
  const outcomes = new Set<string>()
  for (let count = 0; count < 40; count++) outcomes.add((await say(encodeRendezvous(introduce))).heard[0] ?? 'nothing')
  assert.deepEqual(outcomes, new Set(['introduce', 'busy']))
  assert.ok(scene.desk.size <= 16)
  const silent = await say()
  await scene.run(11_000)
  assert.equal(silent.pipe.open, false)
  // Those who met and opened no channel are forgotten.
  await scene.run(60_000)
  assert.deepEqual([scene.desk.size, scene.host.port.size], [0, 0])
})
