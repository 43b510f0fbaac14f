import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { Timer } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { datagramsIn } from './coalesced.ts'
import type { DatagramListener, DatagramSocket } from './datagram-socket.ts'
import { segmentationOf, type Segmentation } from './segmentation.ts'

export interface UdpSocketOptions {
  /** An address of this machine; `::` is all of them, of both families. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  /** Whether other processes may bind the same port, and share what comes. */
  readonly reusePort?: boolean
  /**
   * Packets that leave one after the other to one address, all but the last of the same length, go by one call where the kernel can do that,
   * and come by one call likewise; the usual length, in bytes. One by one when left out.
   */
  readonly batchesOf?: number
  /**
   * Whether the kernel may hand over together what comes one after the other from one address; with `batchesOf` unless said otherwise. Only where
   * that is of one channel or session: what others have sent through the same relay cannot be told apart again.
   */
  readonly gathers?: boolean
  /** Wanted for the kernel's buffers, in bytes; it cuts what is beyond its limit. */
  readonly bufferBytes?: number
}

const mapped = '::ffff:'

/** The kernel takes 64 at once, and 64 KiB. */
const mostPackets = 32

/** A {@link DatagramSocket} of the system's. */
export class UdpSocket implements DatagramSocket, Closable {
  readonly local: WireAddress
  readonly closed: Closable['closed']
  readonly #socket: Socket
  readonly #isDual: boolean
  readonly #listeners: DatagramListener[] = []
  readonly #ending: Ending
  #failed = 0
  #segmentation: Segmentation | undefined
  /** What is sent is cut into datagrams of so many bytes. */
  #segment = 0
  /** What leaves at the end of this turn of the event loop, by where to: packets of one length, of which the last may be shorter. */
  readonly #batches = new Map<WireAddress, Uint8Array[]>()

  constructor(socket: Socket, batching?: { segmentation: Segmentation; usualBytes: number; gathers: boolean }) {
    const { address, port, family } = socket.address()
    this.local = { address, port }
    this.#isDual = family === 'IPv6'
    this.#socket = socket
    this.#ending = new Ending(async () => {
      this.#flush()
      this.#listeners.length = 0
      await new Promise<void>((resolve) => void socket.close(resolve))
    })
    this.closed = this.#ending.closed
    this.#segmentation = batching?.segmentation
    const gathered = batching?.gathers === true && batching.segmentation.gather() ? batching.usualBytes : undefined
    socket.on('message', (bytes, { address: source, port: fromPort }) => {
      const from = { address: plainAddress(source), port: fromPort }
      if (gathered === undefined) this.#receive(bytes, from)
      else for (const each of datagramsIn(bytes, gathered)) this.#receive(each, from)
    })
    // A network that is gone is an error of each datagram; whoever waits for an answer finds out.
    socket.on('error', () => void this.#failed++)
  }

  /** Datagrams that the system refused to send. */
  get failed(): number {
    return this.#failed
  }

  send(bytes: Uint8Array, to: WireAddress): void {
    if (this.#ending.begun || to.port === 0) return
    if (!this.#segmentation) return this.#leave([bytes], to)
    if (this.#batches.size === 0) setImmediate(() => this.#flush())
    const packets = this.#batches.get(to)
    const length = packets?.[0]?.length ?? 0
    if (packets && bytes.length <= length && packets.at(-1)?.length === length && packets.length < mostPackets) {
      packets.push(bytes)
      return
    }
    if (packets) this.#sendBatch(packets, to)
    this.#batches.set(to, [bytes])
  }

  #flush(): void {
    for (const [to, packets] of this.#batches) this.#sendBatch(packets, to)
    this.#batches.clear()
  }

  #sendBatch(packets: readonly Uint8Array[], to: WireAddress): void {
    const length = packets[0]?.length ?? 0
    const isMany = packets.length > 1
    // What a single packet has is not cut up by what was said for others.
    const wanted = isMany ? length : length > this.#segment ? 0 : this.#segment
    if (wanted === this.#segment || this.#cut(wanted)) this.#leave(packets, to)
    else for (const each of packets) this.#leave([each], to)
  }

  /** How it cuts may be changed only while nothing waits to be cut. */
  #cut(bytes: number): boolean {
    if (this.#socket.getSendQueueCount() > 0 || this.#segmentation?.cut(bytes) !== true) return false
    this.#segment = bytes
    return true
  }

  #leave(packets: readonly Uint8Array[], to: WireAddress): void {
    const { address, port } = to
    const there = this.#isDual && !address.includes(':') ? `${mapped}${address}` : address
    const [only] = packets
    const isMany = packets.length > 1
    this.#socket.send(isMany || !only ? packets : only, port, there, (error) => {
      if (error === null) return
      this.#failed++
      if (isMany) this.#oneByOne(packets, to)
    })
  }

  /** The network there cannot take them together: a device without checksums of its own, or a short path. From now on none do. */
  #oneByOne(packets: readonly Uint8Array[], to: WireAddress): void {
    if (this.#ending.begun) return
    if (this.#segmentation && this.#cut(0)) this.#segmentation = undefined
    if (!this.#segmentation) for (const each of packets) this.#leave([each], to)
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

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #receive(bytes: Uint8Array, from: WireAddress): void {
    for (const listener of this.#listeners) if (listener(bytes, from)) return
  }
}

/** Opens one. Rejects with the system's error where the port cannot be had. */
export async function openUdpSocket(options: UdpSocketOptions): Promise<UdpSocket> {
  const socket = await bindSocket(options)
  const { batchesOf, gathers = true } = options
  if (batchesOf === undefined) return new UdpSocket(socket)
  const segmentation = await segmentationOf(socket)
  return new UdpSocket(socket, segmentation && { segmentation, usualBytes: batchesOf, gathers })
}

/** A socket of Node's that is bound, with the buffers that are wanted. Rejects with the system's error where the port cannot be had. */
export async function bindSocket({ host, port, reusePort = false, bufferBytes }: UdpSocketOptions): Promise<Socket> {
  const type = isIPv6(host) ? 'udp6' : 'udp4'
  const socket = createSocket({ type, reusePort, lookup: literally })
  // It can listen before `bind` returns, as no name is looked up.
  const listening = once(socket, 'listening')
  socket.bind(port, host)
  try {
    await listening
  } catch (error) {
    socket.close()
    throw error
  }
  if (bufferBytes !== undefined) {
    socket.setRecvBufferSize(bufferBytes)
    socket.setSendBufferSize(bufferBytes)
  }
  return socket
}

/** An address as it is written everywhere, of one that a socket of both families has told. */
export function plainAddress(address: string): string {
  return address.startsWith(mapped) ? address.slice(mapped.length) : address
}

/** Addresses only: looking a name up for each datagram would cost more than sending it. */
function literally(
  address: string,
  _options: unknown,
  found: (error: null, address: string, family: 4 | 6) => void,
): void {
  found(null, address, address.includes(':') ? 6 : 4)
}
