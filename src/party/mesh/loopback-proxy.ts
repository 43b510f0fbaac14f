import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type Closable, Ending } from '../../kernel/ending.ts'
import { isWireGuard } from '../../wire/wireguard/wireguard-device.ts'

/** Of the kernel, for what WireGuard sends at once. */
const bufferBytes = 1024 * 1024
const loopback = '127.0.0.1'

/**
 * What WireGuard takes for one peer: a port of this machine, by which its datagrams go to and come from whatever path the peer is reached
 * by, so that a peer moves from path to path without WireGuard noticing.
 */
export class LoopbackProxy implements Closable {
  readonly closed: Closable['closed']
  readonly #socket: Socket
  readonly #ending: Ending

  private constructor(socket: Socket, onDatagram: (bytes: Uint8Array) => void) {
    this.#socket = socket
    this.#ending = new Ending(() => new Promise<void>((resolve) => void socket.close(resolve)))
    this.closed = this.#ending.closed
    socket.on('message', onDatagram)
    // WireGuard is not there for a moment: what is lost is sent again by who sent it.
    socket.on('error', () => {})
  }

  /** Rejects with the system's error. Only what comes from WireGuard's own port is heard: the socket is connected to it. */
  static async open(wireGuardPort: number, onDatagram: (bytes: Uint8Array) => void): Promise<LoopbackProxy> {
    const socket = createSocket('udp4')
    try {
      const bound = once(socket, 'listening')
      socket.bind(0, loopback)
      await bound
      const connected = once(socket, 'connect')
      socket.connect(wireGuardPort, loopback)
      await connected
      socket.setRecvBufferSize(bufferBytes)
      socket.setSendBufferSize(bufferBytes)
      return new LoopbackProxy(socket, onDatagram)
    } catch (error) {
      socket.close()
      throw error
    }
  }

  /** Where WireGuard sends to. */
  get address(): { readonly address: string; readonly port: number } {
    return { address: loopback, port: this.#socket.address().port }
  }

  /** What came from the peer. The bytes are not to be written into any more. False for what is nothing of WireGuard's. */
  receive(bytes: Uint8Array): boolean {
    if (!isWireGuard(bytes)) return false
    if (!this.#ending.begun) this.#socket.send(bytes, ignore)
    return true
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function ignore(): void {}
