import type { Libc } from './libc.ts'
import { MessageVector } from './message-vector.ts'
import type { Peer } from './peer-table.ts'

/** The kernel cuts one message into 64 datagrams at most, of 64 KiB with their heads. */
const mostSegments = 64
const mostBytes = 64_000
const messages = 64
/** udp(7), linux/udp.h */
const [udpLevel, segmentOption] = [17, 103]
const errors = { again: 11, interrupted: 4 } as const
/** poll(2) */
const writable = 4
/** A device whose queue is full for longer than that loses what does not fit. */
const longestWaitMs = 5

/**
 * What leaves a socket by one call: messages that are gathered from pieces where they lie, and that the kernel cuts into the datagrams they
 * are of. Datagrams to one peer stay in order. The pieces must stay where they are until {@link flush}.
 */
export class Outgoing {
  readonly #libc: Libc
  readonly #fd: number
  readonly #isCutting: boolean
  readonly #vector: MessageVector
  readonly #single: MessageVector
  readonly #waiting: Int32Array
  /** Of each message. */
  readonly #peers: Peer[] = []
  readonly #segment = new Int32Array(messages)
  readonly #segments = new Int32Array(messages)
  readonly #bytes = new Int32Array(messages)
  #count = 0
  #batch = 0
  #failed = 0

  constructor(libc: Libc, fd: number, { isCutting }: { readonly isCutting: boolean }) {
    this.#libc = libc
    this.#fd = fd
    this.#isCutting = isCutting
    this.#vector = new MessageVector(libc, { messages, piecesEach: mostSegments })
    this.#single = new MessageVector(libc, { messages: 1, piecesEach: 1 })
    this.#waiting = Int32Array.of(fd, writable)
  }

  /** Datagrams that the system refused. */
  get failed(): number {
    return this.#failed
  }

  /** Puts a datagram at the end of what goes to a peer. `address` is where its bytes are in memory. */
  put(address: number, bytes: number, peer: Peer): void {
    const open = peer.open
    if (peer.openIn === this.#batch && this.#fits(open, bytes)) this.#append(open, address, bytes)
    else this.#begin(address, bytes, peer)
  }

  /** Whether a message may be made longer by so much: all but its last datagram have the same length. */
  #fits(message: number, bytes: number): boolean {
    const segment = this.#segment[message] ?? 0
    const segments = this.#segments[message] ?? 0
    const all = this.#bytes[message] ?? 0
    return bytes <= segment && all === segments * segment && segments < mostSegments && all + bytes <= mostBytes
  }

  #append(message: number, address: number, bytes: number): void {
    const last = this.#vector.pieceCount(message) - 1
    const lastAddress = this.#vector.pieceAddress(message, last)
    const lastBytes = this.#vector.pieceBytes(message, last)
    if (lastAddress + lastBytes === address) this.#vector.setPiece(message, last, lastAddress, lastBytes + bytes)
    else this.#vector.setPiece(message, last + 1, address, bytes)
    if (this.#segments[message] === 1) {
      this.#vector.control(message, udpLevel, segmentOption, this.#segment[message] ?? 0)
    }
    this.#segments[message] = (this.#segments[message] ?? 0) + 1
    this.#bytes[message] = (this.#bytes[message] ?? 0) + bytes
  }

  #begin(address: number, bytes: number, peer: Peer): void {
    if (this.#count === messages) this.flush()
    const message = this.#count++
    this.#vector.nameTo(message, peer.name)
    this.#vector.controlNone(message)
    this.#vector.setPiece(message, 0, address, bytes)
    this.#peers[message] = peer
    this.#segment[message] = bytes
    this.#segments[message] = 1
    this.#bytes[message] = bytes
    peer.openIn = this.#isCutting && !peer.isPlain ? this.#batch : -1
    peer.open = message
  }

  /** Sends all of it. What the system refuses is lost, and counted. */
  flush(): void {
    const count = this.#count
    let message = 0
    while (message < count) {
      const sent = this.#send(this.#vector.from(message), count - message)
      message += sent
      if (sent === 0) this.#refused(message++)
    }
    this.#count = 0
    this.#batch++
  }

  #send(vector: bigint, count: number): number {
    for (let attempt = 0; attempt < 2; attempt++) {
      const sent = this.#libc.sendmmsg(this.#fd, vector, count)
      if (sent > 0) return sent
      const error = this.#libc.errno()
      if (error === errors.again) this.#libc.poll(this.#waiting, 1, longestWaitMs)
      else if (error !== errors.interrupted) return 0
    }
    return 0
  }

  /** The network there cannot take them together: a device without checksums of its own, or a short path. From now on it need not. */
  #refused(message: number): void {
    const segment = this.#segment[message] ?? 0
    const peer = this.#peers[message]
    if (!peer || this.#segments[message] === 1) {
      this.#failed++
      return
    }
    peer.isPlain = true
    this.#single.nameTo(0, peer.name)
    this.#single.controlNone(0)
    for (let piece = 0; piece < this.#vector.pieceCount(message); piece++) {
      const [address, bytes] = [this.#vector.pieceAddress(message, piece), this.#vector.pieceBytes(message, piece)]
      for (let at = 0; at < bytes; at += segment) {
        this.#single.setPiece(0, 0, address + at, Math.min(segment, bytes - at))
        if (this.#send(this.#single.address, 1) === 0) this.#failed++
      }
    }
  }
}
