import type { Timer } from '../../kernel/clock.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { DatagramListener, DatagramSocket } from '../udp/datagram-socket.ts'
import { PacketMemory } from '../udp/packet-memory.ts'
import { descriptorOf } from '../udp/segmentation.ts'
import { bindSocket, type UdpSocketOptions } from '../udp/udp-socket.ts'
import { Incoming, type DatagramHandler } from './incoming.ts'
import { loadLibc, type Libc } from './libc.ts'
import { Outgoing } from './outgoing.ts'
import { Peer, socketName } from './peer-table.ts'

/** udp(7), linux/udp.h */
const options = { level: 17, segment: 103, gather: 104 } as const
/** What is said to somebody until it leaves, and not only passed on. */
const ownBytes = 2 ** 16

/**
 * A UDP socket whose datagrams come and go by one call for many, without an object for any of them, and which is read by whoever says so
 * ({@link receive}), not by Node's event loop. What is sent leaves with {@link flush}, which `receive` does too.
 */
export class BatchSocket implements DatagramSocket, AsyncDisposable {
  readonly local: WireAddress
  readonly fd: number
  readonly #libc: Libc
  readonly #isDual: boolean
  readonly #incoming: Incoming
  readonly #outgoing: Outgoing
  readonly #listeners: DatagramListener[] = []
  /** Of what listeners are told, who may keep it. */
  readonly #heard = new PacketMemory()
  readonly #own = new Uint8Array(ownBytes)
  readonly #ownAddress: number
  #ownLength = 0
  /** Of those who were told of by others: see {@link PeerTable} for the rest. */
  readonly #named = new WeakMap<WireAddress, Peer>()
  readonly #hear: DatagramHandler
  readonly #flush = () => this.flush()
  #isClosed = false

  /** Reads what `bound` is bound to, which may be closed then. */
  constructor(
    libc: Libc,
    bound: { readonly fd: number; readonly local: WireAddress; readonly isDual: boolean; readonly gathers?: boolean },
  ) {
    this.#libc = libc
    this.local = bound.local
    this.#isDual = bound.isDual
    this.fd = libc.dup(bound.fd)
    const has = (name: number, value: number) =>
      libc.setsockopt(this.fd, options.level, name, Int32Array.of(value), 4) === 0
    if (bound.gathers !== false) has(options.gather, 1)
    this.#incoming = new Incoming(libc, this.fd)
    this.#outgoing = new Outgoing(libc, this.fd, { isCutting: has(options.segment, 0) })
    this.#ownAddress = Number(libc.addressOf(this.#own.buffer))
    this.#hear = (memory, at, length, from) => {
      const bytes = this.#heard.cut(length)
      bytes.set(memory.subarray(at, at + length))
      this.hear(bytes, from)
    }
  }

  /** Datagrams that the system refused to send. */
  get failed(): number {
    return this.#outgoing.failed
  }

  /** Hands over all that is there, to `first` before the listeners; returns how many datagrams that were. */
  receive(first: (memory: Uint8Array, at: number, length: number, from: Peer) => boolean): number {
    if (this.#isClosed) return 0
    return this.#incoming.receive((memory, at, length, from) => {
      if (!first(memory, at, length, from)) this.#hear(memory, at, length, from)
    }, this.#flush)
  }

  /** Hands a datagram that somebody else has read to the listeners. `bytes` are theirs. */
  hear(bytes: Uint8Array, from: WireAddress): void {
    for (const listener of this.#listeners) if (listener(bytes, from)) return
  }

  /** Sends what lies in the memory of {@link receive} on, unchanged. */
  pass(at: number, length: number, to: WireAddress): void {
    const peer = this.#peerOf(to)
    if (peer) this.#outgoing.put(this.#incoming.address + at, length, peer)
  }

  send(bytes: Uint8Array, to: WireAddress): void {
    const peer = this.#isClosed || to.port === 0 || bytes.length > ownBytes ? undefined : this.#peerOf(to)
    if (!peer) return
    if (this.#ownLength + bytes.length > ownBytes) this.flush()
    this.#own.set(bytes, this.#ownLength)
    this.#outgoing.put(this.#ownAddress + this.#ownLength, bytes.length, peer)
    this.#ownLength += bytes.length
  }

  flush(): void {
    if (this.#isClosed) return
    this.#outgoing.flush()
    this.#ownLength = 0
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

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.flush()
    this.#isClosed = true
    this.#libc.close(this.fd)
  }

  #peerOf(to: WireAddress): Peer | undefined {
    if (to instanceof Peer) return to
    const known = this.#named.get(to)
    if (known) return known
    const name = socketName(to, this.#isDual)
    const peer = name && new Peer(name)
    if (peer) this.#named.set(to, peer)
    return peer
  }
}

/** Opens one; undefined where the system has no such calls. Rejects with the system's error where the port cannot be had. */
export async function openBatchSocket(at: UdpSocketOptions): Promise<BatchSocket | undefined> {
  const libc = await loadLibc()
  if (!libc) return undefined
  const socket = await bindSocket(at)
  const fd = descriptorOf(socket)
  const { address, port, family } = socket.address()
  try {
    const local = { address, port }
    return fd === undefined ? undefined : new BatchSocket(libc, { fd, local, isDual: family === 'IPv6' })
  } finally {
    socket.close()
  }
}
