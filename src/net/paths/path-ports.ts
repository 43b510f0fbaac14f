import type { Timer } from '../../kernel/clock.ts'
import { formatAddress, type WireAddress } from '../../wire/address-bytes.ts'
import { decodeStun, isStun } from '../../wire/stun/stun-codec.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { DatagramSocket } from '../udp/datagram-socket.ts'
import { fragmentsOf } from './path-check.ts'
import { PathFinder, type PathFinderOptions } from './path-finder.ts'
import type { Carrier, Path } from './path.ts'
import { sourceOf } from '../udp/source-of.ts'

/** Where datagrams go that have no check in them, and where they came from. */
export type PacketListener = (bytes: Uint8Array, path: Path) => void

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

  /** Sends by a path, of a finder or of what came. False where it did not leave. */
  send(bytes: Uint8Array, path: Path): boolean {
    const carrier = 'carrier' in path ? (path.carrier as Carrier) : this.#carriers.get(path)
    return carrier?.send(bytes, path.address) ?? false
  }

  /** What came by a carrier; a relay or a tunnel says so itself, the socket is listened to. True: nobody else is asked. */
  receive(bytes: Uint8Array, carrier: Carrier, from: WireAddress): boolean {
    if (isStun(bytes)) return this.#receiveStun(bytes, carrier, from)
    this.onPacket(bytes, this.#pathOf(carrier, from))
    return true
  }

  [Symbol.dispose](): void {
    this.#listening.cancel()
    for (const finder of this.#peers.values()) finder[Symbol.dispose]()
    this.#peers.clear()
    this.#came.clear()
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
      return this.#peers.values().some((finder) => finder.receive(message, carrier, from))
    } catch (error) {
      if (error instanceof WireError) return false
      throw error
    }
  }

  #pathOf(carrier: Carrier, from: WireAddress): Path {
    const name = carrier.nameOf(from)
    const known = this.#came.get(name)
    if (known && this.#carriers.get(known) === carrier) return known
    const origin = carrier.kind === 'direct' ? sourceOf(from.address) : name
    const path: Path = { name, kind: carrier.kind, origin, address: from, state: 'untried', roundTripMs: undefined }
    if (this.#came.size >= mostStrangers) this.#came.delete(this.#came.keys().next().value ?? '')
    this.#came.set(name, path)
    this.#carriers.set(path, carrier)
    return path
  }
}
