import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { SecureEndpoint } from '../../src/net/native/secure-endpoint.ts'
import type { SecureLink } from '../../src/net/native/secure-link.ts'
import type { PathNews } from '../../src/net/paths/path-finder.ts'
import type { BirthdayOutcome, SpareSocket } from '../../src/net/paths/birthday-probing.ts'
import type { PathPolicy } from '../../src/net/paths/path-policy.ts'
import { ReachPort } from '../../src/net/reach/reach-port.ts'
import type { Reach } from '../../src/net/reach/reach.ts'
import { Tunnel } from '../../src/net/reach/tunnel.ts'
import { issueLease, relayIdOf } from '../../src/net/relay/lease-signing.ts'
import {
  parseReachSignal,
  type Introduction,
  type OfferedRelay,
  type ReachSignal,
} from '../../src/wire/reach/signals.ts'
import { seededCrypto } from './secure-rig.ts'
import { SimulatedNetwork, type NatBehaviour, type SimulatedMachine } from './simulated-network.ts'
import { SimulatedRelay } from './simulated-relay.ts'
import { openSimulatedStun } from './simulated-stun.ts'
import { pass, untilSettled } from './simulated-channel.ts'

const signalMs = 30
const tunnelMs = 25
const leaseMs = 60_000

/** One end: its machine, its port, its endpoint, and the way to the other. */
export interface ReachEnd {
  readonly machine: SimulatedMachine
  readonly port: ReachPort
  readonly endpoint: SecureEndpoint
  readonly publicKey: Uint8Array
  readonly reach: Reach
  readonly news: { readonly atMs: number; readonly news: PathNews }[]
  /** What became of its probing by birthday. */
  readonly probed: BirthdayOutcome[]
  readonly links: SecureLink[]
  readonly tunnel: Tunnel
  /** Where its machine is, as it knows. */
  addresses: string[]
}

/**
 * A viewer and a host behind routers, with a STUN server, relays, a web port and signalling between them, in virtual time: everything of the
 * product but the sockets.
 */
export class SimulatedReach implements AsyncDisposable {
  readonly clock = new ManualClock()
  readonly network: SimulatedNetwork
  readonly relays: readonly {
    readonly name: string
    readonly machine: SimulatedMachine
    readonly core: SimulatedRelay
  }[]
  readonly viewer: ReachEnd
  readonly host: ReachEnd
  /** What each end has said, in JSON. */
  readonly said: { readonly by: 'viewer' | 'host'; readonly signal: ReachSignal }[] = []
  /** Nothing goes through the web port. */
  isTunnelCut = false
  /** No socket can be had for birthday probing. */
  hasNoSpares = false
  /** Sockets that are open for birthday probing. */
  spares = 0
  #opened = 0
  readonly #seed: number
  readonly #introduced: Partial<Record<'viewer' | 'host', Introduction>> = {}
  readonly #renewing: { cancel(): void }

  constructor(
    viewer: NatBehaviour,
    host: NatBehaviour,
    options: {
      readonly seed?: number
      readonly relays?: number
      readonly hasTunnel?: boolean
      readonly policy?: PathPolicy
      /** Which ends probe for a path by birthday. */
      readonly birthday?: readonly ('viewer' | 'host')[]
    } = {},
  ) {
    const { seed = 1, relays = 1, hasTunnel = true, policy = 'prefer-direct', birthday = [] } = options
    this.#seed = seed
    this.network = new SimulatedNetwork(this.clock, seed)
    const stun = openSimulatedStun(this.network, ['203.0.113.1', '203.0.113.2'])
    // Only who asks two learns that its NAT has a port for each destination.
    const servers = birthday.length > 0 ? [stun, { ...stun, address: '203.0.113.2' }] : [stun]
    this.relays = Array.from({ length: relays }, (_, at) => {
      const machine = this.network.machine(`relay ${at}`, `203.0.113.${50 + at}`)
      return { name: `relay ${at}`, machine, core: new SimulatedRelay(machine.open(3478), this.clock) }
    })
    const open = (name: 'viewer' | 'host', outside: string, behind: string, behaviour: NatBehaviour) =>
      this.#open({ name, outside, behind, behaviour, policy, servers, hasBirthday: birthday.includes(name) })
    this.viewer = open('viewer', '198.51.100.2', '10.0.1.2', viewer)
    this.host = open('host', '198.51.100.10', '10.0.2.2', host)
    if (hasTunnel) for (const { reach, tunnel } of [this.viewer, this.host]) reach.add(tunnel)
    this.#renewing = this.clock.every(leaseMs / 2, () => this.#lease())
  }

  run(ms: number): Promise<void> {
    return pass(this.clock, ms, 5)
  }

  /** A channel from the viewer to the host; both ends of it. */
  async dial(withinMs = 20_000): Promise<{ readonly viewer: SecureLink; readonly host: SecureLink }> {
    const { viewer, host } = this
    const dialled = viewer.reach.dial(viewer.endpoint, { role: 'viewer', peerKey: host.publicKey, withinMs })
    await untilSettled(this.clock, dialled, withinMs + 1000)
    const own = await dialled
    for (let waited = 0; waited < 1000 && host.links.length === 0; waited += 50) await this.run(50)
    return { viewer: own, host: host.links.at(-1) as SecureLink }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#renewing.cancel()
    for (const { endpoint, port } of [this.viewer, this.host]) {
      endpoint[Symbol.dispose]()
      port[Symbol.dispose]()
    }
    for (const { core } of this.relays) core[Symbol.dispose]()
    await this.run(10)
  }

  #open(own: {
    name: 'viewer' | 'host'
    outside: string
    behind: string
    behaviour: NatBehaviour
    policy: PathPolicy
    servers: readonly { address: string; port: number }[]
    hasBirthday: boolean
  }): ReachEnd {
    const { name, outside, behind, behaviour, policy, servers, hasBirthday } = own
    const { clock } = this
    const inside = behaviour.mapping === 'none' ? outside : behind
    const machine = this.network.machine(name, outside, behaviour, inside)
    const socket = machine.open(5000)
    const other = () => (name === 'viewer' ? this.host : this.viewer)
    let addresses = [inside]
    const port = new ReachPort({
      socket: {
        local: { address: '0.0.0.0', port: 5000 },
        send: (bytes, to) => socket.send(bytes, to),
        listen: (listener) => socket.listen(listener),
      },
      clock,
      policy,
      stunServers: servers,
      ownAddresses: () => addresses,
      ...(hasBirthday && { openSpare: () => this.#openSpare(machine) }),
      random: seededRandom(this.#seed + 30),
    })
    const crypto = seededCrypto(this.#seed + (name === 'viewer' ? 10 : 20))
    const links: SecureLink[] = []
    const key = crypto.newKeyPair()
    const endpoint = new SecureEndpoint({
      crypto,
      clock,
      port,
      own: key,
      random: seededRandom(this.#seed),
      onLink: (link) => links.push(link),
    })
    port.carries(endpoint)
    const news: ReachEnd['news'] = []
    const probed: ReachEnd['probed'] = []
    const tunnel = new Tunnel({
      where: 'https://host.test',
      origin: 'tunnel',
      send: (bytes) => {
        const packet = bytes.slice()
        clock.after(tunnelMs, () => {
          const to = other()
          if (!this.isTunnelCut) to.reach.receive(packet, to.tunnel)
        })
        return !this.isTunnelCut
      },
    })
    const end: ReachEnd = {
      machine,
      port,
      endpoint,
      publicKey: key.publicKey,
      links,
      tunnel,
      news,
      probed,
      get addresses() {
        return addresses
      },
      set addresses(moved) {
        addresses = moved
      },
      reach: undefined as never,
    }
    const reach = port.reach({
      isControlling: name === 'viewer',
      onProbed: (outcome) => probed.push(outcome),
      onNews: (each) => news.push({ atMs: clock.nowMs(), news: each }),
      signal: (signal) => {
        this.said.push({ by: name, signal })
        if (signal.type === 'introduce') {
          this.#introduced[name] = signal
          this.#lease()
        }
        this.#tell(other, signal)
      },
    })
    return Object.assign(end, { reach })
  }

  async #openSpare(machine: SimulatedMachine): Promise<SpareSocket> {
    if (this.hasNoSpares) throw new Error('There are too many open files')
    const socket = machine.open(6000 + this.#opened++)
    this.spares++
    return Object.assign(socket, { close: async () => void this.spares-- })
  }

  #tell(end: () => ReachEnd, signal: ReachSignal): void {
    const text = JSON.stringify(signal)
    this.clock.after(signalMs, () => end().reach.hear(parseReachSignal(JSON.parse(text))))
  }

  /** As whoever issues leases does, when both ends are known, and again before they expire. */
  #lease(): void {
    const { viewer, host } = this.#introduced
    if (!viewer || !host) return
    const nowMs = Math.trunc(this.clock.epochMs())
    const keyOf = ({ relayKey }: Introduction) => Uint8Array.from(Buffer.from(relayKey, 'base64url'))
    const relays = this.relays.map(({ name, machine, core }, at): OfferedRelay => {
      const lease = issueLease(
        {
          kind: 'lease',
          session: 1000 + at,
          issuedMs: nowMs,
          expiresMs: nowMs + leaseMs,
          relay: relayIdOf('relay.test'),
          host: keyOf(host),
          viewer: keyOf(viewer),
        },
        core.issuer,
      )
      return { name, address: machine.outside, port: 3478, lease: Buffer.from(lease).toString('base64url') }
    })
    for (const end of [() => this.viewer, () => this.host]) this.#tell(end, { type: 'relays', relays })
  }
}
