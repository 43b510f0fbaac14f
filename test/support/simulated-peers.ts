import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import type { PathFinder, PathNews } from '../../src/net/paths/path-finder.ts'
import type { PathPolicy } from '../../src/net/paths/path-policy.ts'
import { PathPorts } from '../../src/net/paths/path-ports.ts'
import type { Carrier } from '../../src/net/paths/path.ts'
import { StunTransactions } from '../../src/net/nat/stun-transactions.ts'
import type { DatagramSocket } from '../../src/net/udp/datagram-socket.ts'
import { formatAddress, type WireAddress } from '../../src/wire/address-bytes.ts'
import { SimulatedNetwork, type NatBehaviour, type SimulatedMachine } from './simulated-network.ts'
import { openSimulatedStun } from './simulated-stun.ts'

/** One end: its machine, its paths, and what came by them. */
export interface SimulatedPeer {
  readonly machine: SimulatedMachine
  readonly socket: DatagramSocket
  readonly ports: PathPorts
  readonly finder: PathFinder
  readonly relay: Carrier
  readonly news: { readonly atMs: number; readonly news: PathNews }[]
  /** What came, by which path. */
  readonly heard: { readonly text: string; readonly by: string; readonly atMs: number }[]
}

const relayAddress: WireAddress = { address: '203.0.113.50', port: 3478 }
const relayMark = 0x60

/** Two ends behind routers, a STUN server and something that forwards between them, in virtual time. */
export class SimulatedPeers implements Disposable {
  readonly clock = new ManualClock()
  readonly network: SimulatedNetwork
  readonly relay: SimulatedMachine
  readonly stun: WireAddress
  viewer!: SimulatedPeer
  host!: SimulatedPeer
  readonly #random: () => number
  readonly #policy: PathPolicy

  constructor(options: { seed?: number; policy?: PathPolicy } = {}) {
    this.network = new SimulatedNetwork(this.clock, options.seed ?? 1)
    this.#random = seededRandom((options.seed ?? 1) + 1)
    this.#policy = options.policy ?? 'prefer-direct'
    this.stun = openSimulatedStun(this.network, ['203.0.113.1', '203.0.113.2'])
    this.relay = this.network.machine('relay', relayAddress.address)
    this.#forward()
  }

  /** Makes both ends, lets each ask for its own address, tells it the other, and begins. */
  async begin(viewer: NatBehaviour, host: NatBehaviour, options: { relay?: boolean } = {}): Promise<void> {
    this.viewer = this.#open('viewer', '198.51.100.2', '10.0.1.2', viewer)
    this.host = this.#open('host', '198.51.100.10', '10.0.2.2', host)
    const candidates = await Promise.all([this.viewer, this.host].map((peer) => this.#gather(peer)))
    for (const [at, peer] of [this.viewer, this.host].entries()) {
      for (const candidate of candidates[1 - at] ?? []) peer.finder.try(peer.ports.direct, candidate)
      if (options.relay !== false) peer.finder.try(peer.relay, relayAddress)
    }
  }

  run(ms: number): void {
    this.clock.advance(ms)
  }

  /** Sends by the path that is taken; false where there is none. */
  say(from: SimulatedPeer, text: string): boolean {
    const path = from.finder.current
    return path !== undefined && from.ports.send(new TextEncoder().encode(`~${text}`), path)
  }

  [Symbol.dispose](): void {
    for (const { ports } of [this.viewer, this.host]) ports[Symbol.dispose]()
  }

  #open(name: 'viewer' | 'host', outside: string, behind: string, behaviour: NatBehaviour): SimulatedPeer {
    const inside = behaviour.mapping === 'none' ? outside : behind
    const machine = this.network.machine(name, outside, behaviour, inside)
    const socket = machine.open(5000)
    const relay: Carrier = {
      kind: 'relayed',
      nameOf: (to) => `relay ${formatAddress(to)}`,
      send: (bytes, to) => {
        socket.send(Uint8Array.of(relayMark, ...bytes), to)
        return true
      },
    }
    socket.listen((bytes, from) => {
      if (bytes[0] !== relayMark) return false
      return ports.receive(bytes.subarray(1), relay, from)
    })
    const ports = new PathPorts(socket)
    const news: SimulatedPeer['news'] = []
    const own = { fragment: name, password: `secret of ${name}` }
    const otherName = name === 'viewer' ? 'host' : 'viewer'
    const finder = ports.find({
      clock: this.clock,
      local: own,
      remote: { fragment: otherName, password: `secret of ${otherName}` },
      isControlling: name === 'viewer',
      policy: this.#policy,
      onPath: (each) => news.push({ atMs: this.clock.nowMs(), news: each }),
      newId: () => Uint8Array.from({ length: 12 }, () => Math.trunc(this.#random() * 256)),
    })
    const heard: SimulatedPeer['heard'] = []
    ports.onPacket = (bytes, path) => {
      heard.push({ text: new TextDecoder().decode(bytes).slice(1), by: path.name, atMs: this.clock.nowMs() })
    }
    return { machine, socket, ports, finder, relay, news, heard }
  }

  async #gather({ socket }: SimulatedPeer): Promise<WireAddress[]> {
    using stun = new StunTransactions(socket, this.clock)
    const asked = stun.ask(this.stun)
    this.clock.advance(1600)
    const reflexive = (await asked)?.message.attributes.xorMappedAddress
    return [socket.local, ...(reflexive ? [reflexive] : [])]
  }

  /** From each of the two that it knows to the other. */
  #forward(): void {
    const socket = this.relay.open(relayAddress.port)
    const known: WireAddress[] = []
    socket.listen((bytes, from) => {
      const isFrom = (each: WireAddress) => each.address === from.address
      const at = known.findIndex(isFrom)
      if (at >= 0) known[at] = from
      else known.push(from)
      const other = known.find((each) => !isFrom(each))
      if (other) socket.send(bytes, other)
      return true
    })
  }
}
