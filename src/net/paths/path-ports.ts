import type { Timer } from '../../kernel/clock.ts'
import { formatAddress, type WireAddress } from '../../wire/address-bytes.ts'
import { decodeStun, isStun } from '../../wire/stun/stun-codec.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { DatagramSocket } from '../udp/datagram-socket.ts'
import { fragmentsOf } from './path-check.ts'
import { PathFinder, type PathFinderOptions } from './path-finder.ts'
import type { Carrier, Path } from './path.ts'
import { sourceOf } from '../udp/source-of.ts'

/**
 * Where datagrams go that have no check in them, and where they came from. `finder`: the path leads to its other end, which has answered
 * checks by it; undefined for a stranger's.
 */
export type PacketListener = (bytes: Uint8Array, path: Path, finder: PathFinder | undefined) => void

const mostPeers = 4096
const mostStrangers = 4096

/**
 * All paths over one socket: the checks of each peer go to its {@link PathFinder}, everything else to whoever listens, with the path
 * that it came by, which can be answered by {@link send}. An address that no check has proved is a path to a stranger.
 */
export class PathPorts implements Disposable {
  readonly direct: Carrier
  readonly #listening: Timer
  readonly #peers = new Map<string, PathFinder>()
  readonly #carriers = new WeakMap<Path, Carrier>()
  /** Paths that datagrams came by, by their name: the same object each time. */
  readonly #came = new Map<string, Path>()
  /** What came last: of many that come together from one peer, a socket that knows its peers tells the same address, which needs no name. */
  #latest: { readonly from: WireAddress; readonly path: Path } | undefined
  /** Of carriers that lead to one peer each. */
  readonly #alone = new WeakMap<Carrier, Path>()
  /** Whose checks were answered by them. */
  readonly #owners = new WeakMap<Path, PathFinder>()
  onPacket: PacketListener = () => {}

  constructor(socket: DatagramSocket) {
    this.direct = {
      kind: 'direct',
      nameOf: (to) => `direct ${formatAddress(to)}`,
      send: (bytes, to) => {
        socket.send(bytes, to)
        return true
      },
    }
    this.#listening = socket.listen((bytes, from) => this.receive(bytes, this.direct, from))
  }

  /** Begins to look for paths to one other end. Throws a RangeError for more than {@link mostPeers}, or a name that is taken. */
  find(options: PathFinderOptions): PathFinder {
    const { fragment } = options.local
    if (this.#peers.has(fragment) || this.#peers.size >= mostPeers) {
      throw new RangeError(`Cannot look for paths to one more peer: ${this.#peers.size} are looked for`)
    }
    const finder = new PathFinder(options)
    this.#peers.set(fragment, finder)
    return finder
  }

  /** Looks no more. */
  forget(finder: PathFinder): void {
    finder[Symbol.dispose]()
    if (this.#peers.get(finder.fragment) === finder) this.#peers.delete(finder.fragment)
  }

  /** The path that leads straight to an address, whether or not anything has come from there. */
  directTo(address: WireAddress): Path {
    return this.#pathOf(this.direct, address)
  }

  /** Sends by a path, of a finder, of what came, or a direct one. False where it did not leave. */
  send(bytes: Uint8Array, path: Path): boolean {
    const carrier = 'carrier' in path ? (path.carrier as Carrier) : this.#carriers.get(path)
    return carrier?.send(bytes, path.address) ?? false
  }

  /** What came by a carrier; a relay or a tunnel says so itself, the socket is listened to. True: nobody else is asked. */
  receive(bytes: Uint8Array, carrier: Carrier, from: WireAddress): boolean {
    if (isStun(bytes)) return this.#receiveStun(bytes, carrier, from)
    const path = this.#pathOf(carrier, from)
    const owner = this.#owners.get(path)
    this.onPacket(bytes, path, owner && this.#isSought(owner) ? owner : undefined)
    return true
  }

  [Symbol.dispose](): void {
    this.#listening.cancel()
    for (const finder of this.#peers.values()) finder[Symbol.dispose]()
    this.#peers.clear()
    this.#came.clear()
    this.#latest = undefined
  }

  #receiveStun(bytes: Uint8Array, carrier: Carrier, from: WireAddress): boolean {
    try {
      const message = decodeStun(bytes)
      if (message.kind === 'request') {
        const own = fragmentsOf(message)?.own
        return own !== undefined && (this.#peers.get(own)?.receive(message, carrier, from) ?? false)
      }
      // An answer does not say whose it is; whoever asked knows the seal and the number.
      if (message.integrity.length === 0) return false
      const path = this.#pathOf(carrier, from)
      const known = this.#owners.get(path)
      if (known && this.#isSought(known) && known.receive(message, carrier, from)) return true
      const owner = this.#peers.values().find((finder) => finder !== known && finder.receive(message, carrier, from))
      if (owner) this.#owners.set(path, owner)
      return owner !== undefined
    } catch (error) {
      if (error instanceof WireError) return false
      throw error
    }
  }

  #isSought(finder: PathFinder): boolean {
    return this.#peers.get(finder.fragment) === finder
  }

  #pathOf(carrier: Carrier, from: WireAddress): Path {
    // A relay's lease or a tunnel leads to one peer, whatever its name; the socket leads to all.
    const isShared = carrier === this.direct
    if (isShared && this.#latest?.from === from) return this.#latest.path
    const name = isShared ? carrier.nameOf(from) : ''
    const known = isShared ? this.#came.get(name) : this.#alone.get(carrier)
    if (known) {
      if (isShared) this.#latest = { from, path: known }
      return known
    }
    const path: Path = {
      name: isShared ? name : carrier.nameOf(from),
      kind: carrier.kind,
      origin: carrier.origin ?? sourceOf(from.address),
      address: from,
      state: 'untried',
      roundTripMs: undefined,
    }
    if (!isShared) this.#alone.set(carrier, path)
    else {
      if (this.#came.size >= mostStrangers) this.#came.delete(this.#came.keys().next().value ?? '')
      this.#came.set(name, path)
      this.#latest = { from, path }
    }
    this.#carriers.set(path, carrier)
    return path
  }
}
