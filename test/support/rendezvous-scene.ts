import type { TestContext } from 'node:test'
import { HostRegistration } from '../../src/gateway/native/host-registration.ts'
import { RendezvousDesk } from '../../src/gateway/native/rendezvous-desk.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { openMemoryPipe } from '../../src/kernel/memory-pipe.ts'
import type { Pipe } from '../../src/kernel/pipe.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { SecureEndpoint } from '../../src/net/native/secure-endpoint.ts'
import type { SecureLink } from '../../src/net/native/secure-link.ts'
import { HostMeeting } from '../../src/net/reach/host-meeting.ts'
import { ReachPort } from '../../src/net/reach/reach-port.ts'
import { HostRelays } from '../../src/server/native/host-relays.ts'
import { NativeReaches, type ReachEvents } from '../../src/viewer/native/native-reaches.ts'
import { RemoteReach } from '../../src/viewer/remote-reach.ts'
import { seededCrypto } from './secure-rig.ts'
import { pass, untilSettled } from './simulated-channel.ts'
import { SimulatedNetwork, type NatBehaviour } from './simulated-network.ts'
import { SimulatedRelay } from './simulated-relay.ts'
import { openSimulatedStun } from './simulated-stun.ts'
import type { MemoryGateway } from './memory-gateway.ts'

const relayName = 'relay.test'

/**
 * A host with its desk, its part of the viewer process and a relay, and a client somewhere, in virtual time; the web port is a memory pipe. Where
 * `open` makes a gateway, the host is found through that alone.
 */
export function openRendezvousScene(
  t: TestContext,
  { client: natOfClient, host: natOfHost }: { readonly client: NatBehaviour; readonly host: NatBehaviour },
  openGateway?: (clock: ManualClock) => MemoryGateway,
) {
  const clock = new ManualClock()
  const gateway = openGateway?.(clock)
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
  const reaches = new NativeReaches({ ...host, clock, events, probed: () => {} })
  const toRelay = network.machine('issuer', '198.51.100.200').open(6000)
  const leases = new HostRelays({
    relays: () => [{ name: relayName, host: '203.0.113.50', port: 3478 }],
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
  const registrations: string[] = []
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
  const registration =
    gateway &&
    new HostRegistration({
      url: 'https://plane.test',
      own: host.own,
      desk,
      connect: gateway.connect,
      clock,
      random: seededRandom(4),
      log: silentLog,
      keepRecording: (_name, recording) => void registrations.push(recording),
    })
  const enter = (source: string): Pipe => {
    const [there, here] = openMemoryPipe()
    desk.enter(here, { source, place: `tcp ${source}` })
    return there
  }
  const pipes: Pipe[] = []
  let isWebPortUp = true
  const connect = async (source = '198.51.100.2'): Promise<Pipe> => {
    if (!isWebPortUp) throw new Error('connection refused')
    const there = gateway ? gateway.visit(host.own.publicKey, source) : enter(source)
    pipes.push(there)
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
    registration?.[Symbol.dispose]()
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
    registration,
    registrations,
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
