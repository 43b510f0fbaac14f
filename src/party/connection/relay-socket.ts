import type { Timer } from '../../kernel/clock.ts'
import type { DatagramListener, DatagramSocket } from '../../net/udp/datagram-socket.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { isRelayed } from '../../wire/relay/relay-message.ts'

/**
 * What relays say on a socket, for ways through relays that come and go: it is asked before those that take all that comes, as it was
 * there first.
 */
export class RelaySocket implements DatagramSocket, Disposable {
  readonly #socket: DatagramSocket
  readonly #listening: Timer
  readonly #listeners = new Set<DatagramListener>()

  constructor(socket: DatagramSocket) {
    this.#socket = socket
    this.#listening = socket.listen((bytes, from) => isRelayed(bytes) && this.#take(bytes, from))
  }

  get local(): WireAddress {
    return this.#socket.local
  }

  send(bytes: Uint8Array, to: WireAddress): void {
    this.#socket.send(bytes, to)
  }

  listen(listener: DatagramListener): Timer {
    this.#listeners.add(listener)
    return { cancel: () => void this.#listeners.delete(listener) }
  }

  [Symbol.dispose](): void {
    this.#listening.cancel()
    this.#listeners.clear()
  }

  #take(bytes: Uint8Array, from: WireAddress): boolean {
    for (const listener of this.#listeners) if (listener(bytes, from)) return true
    return false
  }
}
