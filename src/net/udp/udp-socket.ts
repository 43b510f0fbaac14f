import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { Timer } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { DatagramListener, DatagramSocket } from './datagram-socket.ts'

export interface UdpSocketOptions {
  /** An address of this machine; `::` is all of them, of both families. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  /** Whether other processes may bind the same port, and share what comes. */
  readonly reusePort?: boolean
  /** Wanted for the kernel's buffers, in bytes; it cuts what is beyond its limit. */
  readonly bufferBytes?: number
}

const mapped = '::ffff:'

/** A {@link DatagramSocket} of the system's. */
export class UdpSocket implements DatagramSocket, Closable {
  readonly local: WireAddress
  readonly closed: Closable['closed']
  readonly #socket: Socket
  readonly #isDual: boolean
  readonly #listeners: DatagramListener[] = []
  readonly #ending: Ending
  #failed = 0

  constructor(socket: Socket) {
    const { address, port, family } = socket.address()
    this.local = { address, port }
    this.#isDual = family === 'IPv6'
    this.#socket = socket
    this.#ending = new Ending(async () => {
      this.#listeners.length = 0
      await new Promise<void>((resolve) => void socket.close(resolve))
    })
    this.closed = this.#ending.closed
    socket.on('message', (bytes, { address: from, port: fromPort }) => {
      this.#receive(bytes, { address: from.startsWith(mapped) ? from.slice(mapped.length) : from, port: fromPort })
    })
    // A network that is gone is an error of each datagram; whoever waits for an answer finds out.
    socket.on('error', () => void this.#failed++)
  }

  /** Datagrams that the system refused to send. */
  get failed(): number {
    return this.#failed
  }

  send(bytes: Uint8Array, { address, port }: WireAddress): void {
    if (this.#ending.begun || port === 0) return
    const to = this.#isDual && !address.includes(':') ? `${mapped}${address}` : address
    this.#socket.send(bytes, port, to, (error) => {
      if (error !== null) this.#failed++
    })
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
  const { host, port, reusePort = false, bufferBytes } = options
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
  return new UdpSocket(socket)
}

/** Addresses only: looking a name up for each datagram would cost more than sending it. */
function literally(
  address: string,
  _options: unknown,
  found: (error: null, address: string, family: 4 | 6) => void,
): void {
  found(null, address, address.includes(':') ? 6 : 4)
}
