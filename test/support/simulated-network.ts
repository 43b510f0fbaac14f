import type { Clock, Timer } from '../../src/kernel/clock.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import type { DatagramListener, DatagramSocket } from '../../src/net/udp/datagram-socket.ts'
import { formatAddress, type WireAddress } from '../../src/wire/address-bytes.ts'

/** What a router does, as RFC 4787 has it: which public port a socket gets, and who may send to it. */
export interface NatBehaviour {
  readonly mapping: 'none' | 'endpoint' | 'address-and-port'
  readonly filtering: 'none' | 'address' | 'address-and-port'
  readonly blocksUdp: boolean
}

/** The six that the lab of namespaces has too. */
export const natBehaviours = {
  open: { mapping: 'none', filtering: 'none', blocksUdp: false },
  'full cone': { mapping: 'endpoint', filtering: 'none', blocksUdp: false },
  restricted: { mapping: 'endpoint', filtering: 'address', blocksUdp: false },
  'port-restricted': { mapping: 'endpoint', filtering: 'address-and-port', blocksUdp: false },
  symmetric: { mapping: 'address-and-port', filtering: 'address-and-port', blocksUdp: false },
  'udp-blocked': { mapping: 'endpoint', filtering: 'address-and-port', blocksUdp: true },
} as const satisfies Readonly<Record<string, NatBehaviour>>

/** One way between two machines; may change at any time. */
export interface Way {
  delayMs: number
  lossRatio: number
  isCut: boolean
}

interface Mapping {
  readonly publicPort: number
  readonly inside: WireAddress
  /** Who was sent to. */
  readonly sentTo: Set<string>
}

/** The internet in virtual time: machines, some behind routers, and ways between them that are as bad as they are told to be. */
export class SimulatedNetwork {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #machines = new Map<string, SimulatedMachine>()
  readonly #ways = new Map<string, Way>()
  /** Datagrams that got somewhere, and those that did not. */
  delivered = 0
  dropped = 0

  constructor(clock: Clock, seed: number) {
    this.#clock = clock
    this.#random = seededRandom(seed)
  }

  /** A machine at a public address, or behind a router that has it; `inside` is then its own. */
  machine(
    name: string,
    outside: string,
    behaviour: NatBehaviour = natBehaviours.open,
    inside = outside,
  ): SimulatedMachine {
    const machine = new SimulatedMachine(name, outside, inside, behaviour, (sent) => this.#carry(sent), this.#random)
    this.#machines.set(outside, machine)
    return machine
  }

  /** How it is from one machine to another; 10 ms and no loss unless changed. */
  way(from: SimulatedMachine, to: SimulatedMachine): Way {
    const key = `${from.outside} ${to.outside}`
    const known = this.#ways.get(key) ?? { delayMs: 10, lossRatio: 0, isCut: false }
    this.#ways.set(key, known)
    return known
  }

  /** Both ways at once. */
  between(a: SimulatedMachine, b: SimulatedMachine, change: Partial<Way>): void {
    Object.assign(this.way(a, b), change)
    Object.assign(this.way(b, a), change)
  }

  #carry({ bytes, source, from, to }: Sent): void {
    const target = this.#machines.get(to.address)
    const way = target && this.way(source, target)
    // As many draws whatever the ways are like.
    const isLost = this.#random() < (way?.lossRatio ?? 0)
    if (!target || !way || way.isCut || isLost) {
      this.dropped++
      return
    }
    const own = bytes.slice()
    this.#clock.after(way.delayMs, () => {
      if (target.takeIn(own, from, to.port)) this.delivered++
      else this.dropped++
    })
  }
}

interface Sent {
  readonly bytes: Uint8Array
  readonly source: SimulatedMachine
  readonly from: WireAddress
  readonly to: WireAddress
}

export class SimulatedMachine {
  readonly name: string
  readonly outside: string
  readonly inside: string
  behaviour: NatBehaviour
  readonly #carry: (sent: Sent) => void
  readonly #random: () => number
  readonly #sockets = new Map<number, SimulatedSocket>()
  readonly #mappings = new Map<string, Mapping>()
  /** The same by their public port. */
  readonly #byPort = new Map<number, Mapping>()
  /** Where its sockets are now, if not here. */
  #at: SimulatedMachine | undefined

  constructor(
    name: string,
    outside: string,
    inside: string,
    behaviour: NatBehaviour,
    carry: (sent: Sent) => void,
    random: () => number,
  ) {
    this.name = name
    this.outside = outside
    this.inside = inside
    this.behaviour = behaviour
    this.#carry = carry
    this.#random = random
  }

  open(port: number): SimulatedSocket {
    const socket = new SimulatedSocket({ address: this.inside, port }, (bytes, to) => this.#sendOut(bytes, port, to))
    this.#sockets.set(port, socket)
    return socket
  }

  /** The router forgets all of its mappings, as one that is started again does. */
  forget(): void {
    this.#mappings.clear()
    this.#byPort.clear()
  }

  /** Its sockets are behind that other machine's router from now on, as those of a laptop that was carried elsewhere. */
  moveTo(elsewhere: SimulatedMachine): void {
    this.#mappings.clear()
    this.#byPort.clear()
    this.#at = elsewhere
    for (const [port, socket] of this.#sockets) elsewhere.#sockets.set(port, socket)
    this.#sockets.clear()
  }

  /** From outside; false when nobody is there, or it may not come in. */
  takeIn(bytes: Uint8Array, from: WireAddress, port: number): boolean {
    if (this.behaviour.blocksUdp) return false
    const { mapping: kind, filtering } = this.behaviour
    if (kind === 'none' && filtering === 'none') return this.#sockets.get(port)?.take(bytes, from) ?? false
    const mapping = this.#byPort.get(port)
    if (!mapping || !this.#mayEnter(mapping, from)) return false
    return this.#sockets.get(mapping.inside.port)?.take(bytes, from) ?? false
  }

  #mayEnter({ sentTo }: Mapping, from: WireAddress): boolean {
    switch (this.behaviour.filtering) {
      case 'none':
        return true
      case 'address':
        return [...sentTo].some((to) => to.startsWith(`${from.address}:`))
      case 'address-and-port':
        return sentTo.has(formatAddress(from))
    }
  }

  #sendOut(bytes: Uint8Array, port: number, to: WireAddress): void {
    if (this.#at) return this.#at.#sendOut(bytes, port, to)
    if (this.behaviour.blocksUdp) return
    const inside = { address: this.inside, port }
    const { mapping } = this.behaviour
    const key = mapping === 'address-and-port' ? `${port} ${formatAddress(to)}` : String(port)
    const publicPort = mapping === 'none' ? port : this.#freePort()
    const known = this.#mappings.get(key) ?? { publicPort, inside, sentTo: new Set() }
    known.sentTo.add(formatAddress(to))
    this.#mappings.set(key, known)
    this.#byPort.set(known.publicPort, known)
    this.#carry({ bytes, source: this, from: { address: this.outside, port: known.publicPort }, to })
  }

  #freePort(): number {
    let port = 0
    do port = 20_000 + Math.trunc(this.#random() * 40_000)
    while (this.#byPort.has(port))
    return port
  }
}

class SimulatedSocket implements DatagramSocket {
  readonly local: WireAddress
  readonly #sendOut: (bytes: Uint8Array, to: WireAddress) => void
  readonly #listeners: DatagramListener[] = []

  constructor(local: WireAddress, sendOut: (bytes: Uint8Array, to: WireAddress) => void) {
    this.local = local
    this.#sendOut = sendOut
  }

  send(bytes: Uint8Array, to: WireAddress): void {
    this.#sendOut(bytes, to)
  }

  listen(listener: DatagramListener): Timer {
    this.#listeners.push(listener)
    return {
      cancel: () => {
        const at = this.#listeners.indexOf(listener)
        if (at >= 0) this.#listeners.splice(at, 1)
      },
    }
  }

  take(bytes: Uint8Array, from: WireAddress): boolean {
    return this.#listeners.some((listener) => listener(bytes, from))
  }
}
