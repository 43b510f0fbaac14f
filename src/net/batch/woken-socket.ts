import type { Socket } from 'node:dgram'
import type { Timer } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { DatagramListener, DatagramSocket } from '../udp/datagram-socket.ts'
import { descriptorOf } from '../udp/segmentation.ts'
import { bindSocket, openUdpSocket, plainAddress, type UdpSocketOptions } from '../udp/udp-socket.ts'
import { BatchSocket } from './batch-socket.ts'
import { loadLibc } from './libc.ts'

/** Whoever uses one has it to itself until it is closed. */
export type OpenSocket = DatagramSocket & Closable & { readonly failed: number }

/**
 * A {@link BatchSocket} in a thread that has other things to do: Node's event loop wakes it with the first datagram of some, and the
 * others come by one call. What is sent leaves as soon as whoever sends has come to an end.
 */
class WokenSocket implements OpenSocket {
  readonly local: WireAddress
  readonly closed: Closable['closed']
  readonly #batch: BatchSocket
  readonly #ending: Ending
  readonly #flush = () => {
    this.#isLeaving = false
    this.#batch.flush()
  }
  #isLeaving = false
  #failed = 0

  constructor(socket: Socket, batch: BatchSocket) {
    this.local = batch.local
    this.#batch = batch
    const heard = () => false
    socket.on('message', (bytes, { address, port }) => {
      batch.hear(bytes, { address: plainAddress(address), port })
      batch.receive(heard)
    })
    // A network that is gone is an error of each datagram; whoever waits for an answer finds out.
    socket.on('error', () => void this.#failed++)
    this.#ending = new Ending(async () => {
      await batch[Symbol.asyncDispose]()
      await new Promise<void>((resolve) => void socket.close(resolve))
    })
    this.closed = this.#ending.closed
  }

  get failed(): number {
    return this.#failed + this.#batch.failed
  }

  send(bytes: Uint8Array, to: WireAddress): void {
    if (this.#ending.begun) return
    this.#batch.send(bytes, to)
    if (this.#isLeaving) return
    this.#isLeaving = true
    queueMicrotask(this.#flush)
  }

  listen(listener: DatagramListener): Timer {
    return this.#batch.listen(listener)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Opens a socket by which many datagrams go with one call, where the system can do that, and a plain one elsewhere. Rejects with the system's error where the port cannot be had. */
export async function openSocketFor(options: UdpSocketOptions): Promise<OpenSocket> {
  const libc = await loadLibc()
  if (!libc) return await openUdpSocket(options)
  const socket = await bindSocket(options)
  const fd = descriptorOf(socket)
  if (fd === undefined) {
    socket.close()
    return await openUdpSocket(options)
  }
  const { address, port, family } = socket.address()
  // What the kernel gathers Node would hand over as one datagram.
  const bound = { fd, local: { address, port }, isDual: family === 'IPv6', gathers: false }
  return new WokenSocket(socket, new BatchSocket(libc, bound))
}
