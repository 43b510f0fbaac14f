import type { Clock, Timer } from '../../kernel/clock.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { isNative } from '../../wire/native/packet.ts'
import { mostStunServers } from '../../wire/reach/signals.ts'
import { isRelayed } from '../../wire/relay/relay-message.ts'
import type { DatagramPath, PathPort } from '../contract/datagram-path.ts'
import { StunTransactions } from '../nat/stun-transactions.ts'
import type { SecureEndpoint } from '../native/secure-endpoint.ts'
import type { PathFinder } from '../paths/path-finder.ts'
import type { PathPolicy } from '../paths/path-policy.ts'
import type { SpareSocket } from '../paths/birthday-probing.ts'
import { PathPorts } from '../paths/path-ports.ts'
import type { Path } from '../paths/path.ts'
import type { DatagramListener, DatagramSocket } from '../udp/datagram-socket.ts'
import type { BirthdayMeans } from './birthday-turns.ts'
import { hostCandidates } from './gather-candidates.ts'
import { Reach, reachOf, type ReachOptions } from './reach.ts'

export interface ReachPortOptions {
  /** Nobody else reads it before this does. */
  readonly socket: DatagramSocket
  readonly clock: Clock
  readonly policy: PathPolicy
  /** Asked where this socket is seen from outside. */
  readonly stunServers: readonly WireAddress[]
  /** IP addresses of this machine, as they are at the moment; see `interfaceAddresses`. */
  readonly ownAddresses: () => readonly string[]
  /** Where there is no other direct path one is looked for by birthday: opens one more socket for that. Not done when left out. */
  readonly openSpare?: (() => Promise<SpareSocket>) | undefined
  /** Uniform in [0, 1): which ports are tried then. The machine's unless given. */
  readonly random?: () => number
}

/** What a STUN server said is good for so long: a NAT keeps a mapping for that at least. */
const reflexiveMs = 20_000
const networkLookMs = 500
/** Servers of one's own, of others, and relays. */
const mostAsked = 16

/**
 * One UDP socket and all that goes over it: the reaches to many others, each with its checks and relays, the channels of one
 * endpoint, and channels of those who come to an address without any signalling.
 *
 *     const port = new ReachPort({ socket, clock, policy: 'prefer-direct', stunServers, ownAddresses: interfaceAddresses })
 *     const endpoint = new SecureEndpoint({ …, port })
 *     port.carries(endpoint)
 *     const reach = port.reach({ isControlling: true, signal: (signal) => toOther(signal) })
 *     fromOther = (signal) => reach.hear(signal)
 *     const link = await reach.dial(endpoint, { role: 'viewer', peerKey })
 */
export class ReachPort implements PathPort, Disposable {
  readonly #options: ReachPortOptions
  readonly #paths: PathPorts
  readonly #stun: StunTransactions
  readonly #listening: Timer
  readonly #looking: Timer
  readonly #reaches = new Map<PathFinder, Reach>()
  readonly #open = new Set<Reach>()
  /** Who reads what comes from a relay, by its IP address. */
  readonly #relayed = new Map<string, Set<DatagramListener>>()
  #endpoint: Pick<SecureEndpoint, 'receive' | 'pathMoved'> | undefined
  /** What each STUN server was asked last. */
  readonly #asked = new Map<string, { readonly atMs: number; readonly seen: Promise<WireAddress | undefined> }>()
  #addresses: string
  /** One at a time: each takes sockets and sends what nobody may answer. */
  #isProbing = false
  #next = 1

  constructor(options: ReachPortOptions) {
    const { socket, clock, ownAddresses } = options
    this.#options = options
    this.#listening = socket.listen((bytes, from) => isRelayed(bytes) && this.#takeRelayed(bytes, from))
    this.#stun = new StunTransactions(socket, clock)
    this.#paths = new PathPorts(socket)
    this.#paths.onPacket = (bytes, path, finder) => this.#take(bytes, path, finder)
    this.#addresses = ownAddresses().join()
    this.#looking = clock.every(networkLookMs, () => this.#look())
  }

  /** How many others are reached, or looked for. */
  get size(): number {
    return this.#open.size
  }

  /** The endpoint whose packets go over this port, which was given to it as its own. */
  carries(endpoint: Pick<SecureEndpoint, 'receive' | 'pathMoved'>): void {
    this.#endpoint = endpoint
  }

  /** Begins to look for paths to one other end. */
  reach(options: ReachOptions): Reach {
    const { clock, policy } = this.#options
    const reach = new Reach(options, {
      clock,
      policy,
      paths: this.#paths,
      number: this.#next++,
      own: () => this.#own(),
      stunServers: this.#options.stunServers.slice(0, mostStunServers),
      seenBy: (server) => this.#ask(server),
      socketTo: (relay) => this.#socketTo(relay),
      met: (finder) => void this.#reaches.set(finder, reach),
      moved: (path) => this.#endpoint?.pathMoved(path),
      birthday: this.#birthdayMeans(),
      ended: (finder) => {
        this.#open.delete(reach)
        if (finder) this.#reaches.delete(finder)
      },
    })
    this.#open.add(reach)
    return reach
  }

  /** The path that leads straight to an address, for channels without any signalling: it stays, whatever becomes of it. */
  directTo(address: WireAddress): DatagramPath {
    return this.#paths.directTo(address)
  }

  send(bytes: Uint8Array, path: DatagramPath): boolean {
    return reachOf(path)?.send(bytes) ?? this.#paths.send(bytes, path as Path)
  }

  [Symbol.dispose](): void {
    for (const reach of this.#open) reach[Symbol.dispose]()
    this.#looking.cancel()
    this.#listening.cancel()
    this.#stun[Symbol.dispose]()
    this.#paths[Symbol.dispose]()
  }

  #take(bytes: Uint8Array, path: Path, finder: PathFinder | undefined): void {
    const reach = finder && this.#reaches.get(finder)
    if (isNative(bytes)) this.#endpoint?.receive(bytes, reach?.path ?? path)
    else reach?.onDatagram(bytes)
  }

  #takeRelayed(bytes: Uint8Array, from: WireAddress): boolean {
    for (const listener of this.#relayed.get(from.address) ?? []) if (listener(bytes, from)) return true
    return true
  }

  #birthdayMeans(): BirthdayMeans | undefined {
    const { openSpare: openSocket, random = Math.random } = this.#options
    if (!openSocket) return undefined
    const begin = () => !this.#isProbing && (this.#isProbing = true)
    return { openSocket, begin, end: () => void (this.#isProbing = false), random }
  }

  /** This socket as the end of one lease has it: it reads what comes from its relay, and does not keep others waiting. */
  #socketTo(relay: WireAddress): DatagramSocket {
    const { socket } = this.#options
    return {
      local: socket.local,
      send: (bytes, to) => socket.send(bytes, to),
      listen: (listener) => {
        const listeners = this.#relayed.get(relay.address) ?? new Set()
        this.#relayed.set(relay.address, listeners.add(listener))
        return {
          cancel: () => {
            listeners.delete(listener)
            if (listeners.size === 0) this.#relayed.delete(relay.address)
          },
        }
      },
    }
  }

  #own(): readonly WireAddress[] {
    const { socket, ownAddresses } = this.#options
    return hostCandidates(socket.local, ownAddresses())
  }

  /** Where that server sees this socket; undefined when it does not answer. */
  #ask(server: WireAddress): Promise<WireAddress | undefined> {
    const nowMs = this.#options.clock.nowMs()
    const name = `${server.address} ${server.port}`
    const known = this.#asked.get(name)
    if (known && nowMs - known.atMs < reflexiveMs) return known.seen
    this.#asked.delete(name)
    const [oldest] = this.#asked.keys()
    if (this.#asked.size >= mostAsked && oldest !== undefined) this.#asked.delete(oldest)
    const seen = this.#stun.ask(server).then((answer) => answer?.message.attributes.xorMappedAddress)
    this.#asked.set(name, { atMs: nowMs, seen })
    return seen
  }

  #look(): void {
    const addresses = this.#options.ownAddresses().join()
    if (addresses === this.#addresses) return
    this.#addresses = addresses
    this.#asked.clear()
    for (const reach of this.#open) reach.networkChanged()
  }
}
