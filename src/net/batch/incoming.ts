import type { Libc } from './libc.ts'
import { MessageVector } from './message-vector.ts'
import { PeerTable, type Peer } from './peer-table.ts'

/** Messages that come by one call, each of up to 64 KiB: what the kernel has gathered of one flow. */
const messages = 32
const slotBytes = 2 ** 16
/** A socket on which more comes than is taken does not keep the others waiting for ever. */
const mostRounds = 4
/** udp(7), linux/udp.h: of what length the datagrams are that were gathered. */
const [udpLevel, gatheredOption] = [17, 104]

/** A datagram where it lies in memory; it stays there until the handler returns, or until what leaves of it has left. */
export type DatagramHandler = (memory: Uint8Array, at: number, length: number, from: Peer) => void

/** What has come to a socket, by one call for many. */
export class Incoming {
  /** Where {@link memory} is in the process. */
  readonly address: number
  readonly memory = new Uint8Array(messages * slotBytes)
  readonly #libc: Libc
  readonly #fd: number
  readonly #vector: MessageVector
  readonly #peers = new PeerTable()

  constructor(libc: Libc, fd: number) {
    this.#libc = libc
    this.#fd = fd
    this.address = Number(libc.addressOf(this.memory.buffer))
    this.#vector = new MessageVector(libc, { messages, piecesEach: 1 })
    for (let slot = 0; slot < messages; slot++) {
      this.#vector.setPiece(slot, 0, this.address + slot * slotBytes, slotBytes)
      this.#vector.clear(slot)
    }
  }

  /** Hands over all that is there, and returns how many datagrams that were. `done` is called before their memory is used again. */
  receive(handle: DatagramHandler, done: () => void): number {
    let count = 0
    for (let round = 0; round < mostRounds; round++) {
      const came = this.#libc.recvmmsg(this.#fd, this.#vector.address, messages)
      for (let slot = 0; slot < came; slot++) count += this.#handOver(slot, handle)
      if (came > 0) done()
      if (came < messages) break
    }
    return count
  }

  #handOver(slot: number, handle: DatagramHandler): number {
    const vector = this.#vector
    const length = vector.moved(slot)
    const segment = vector.controlOf(slot, udpLevel, gatheredOption) ?? length
    const from = this.#peers.find(vector.names, vector.nameOf(slot))
    vector.clear(slot)
    const begin = slot * slotBytes
    let count = 0
    for (let at = 0; at < length; at += segment) {
      handle(this.memory, begin + at, Math.min(segment, length - at), from)
      count++
    }
    return count
  }
}
