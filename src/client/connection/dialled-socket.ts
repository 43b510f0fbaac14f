import type { Clock, Timer } from '../../kernel/clock.ts'
import type { SocketLike } from '../environment/environment.ts'

/** Opening a WebSocket takes a few round trips; one that takes longer may have lost its first packet. */
const redialPeriodMs = 1000
const maxDials = 4

/**
 * A WebSocket that is dialled again, beside the dial that hangs, until one of them is open: TCP itself waits up to many
 * seconds before it sends its first packet again. To its owner it is one socket.
 */
export class DialledSocket extends EventTarget implements SocketLike {
  readonly #dial: () => SocketLike
  readonly #dials = new Set<SocketLike>()
  readonly #redials: Timer
  #open: SocketLike | undefined
  #closed = false

  constructor(options: { readonly dial: () => SocketLike; readonly clock: Clock }) {
    super()
    this.#dial = options.dial
    // It throws for an address or a token that no WebSocket takes.
    this.redial()
    this.#redials = options.clock.every(redialPeriodMs, () => this.redial())
  }

  /** Dials once more, unless it is open, or being dialled often enough. */
  redial(): void {
    if (this.#open || this.#closed || this.#dials.size >= maxDials) return
    const socket = this.#dial()
    this.#dials.add(socket)
    socket.addEventListener('open', () => this.#opened(socket))
    socket.addEventListener('message', (event) => {
      if (this.#open === socket) this.dispatchEvent(new MessageEvent('message', { data: (event as MessageEvent).data }))
    })
    socket.addEventListener('close', (event) => this.#lost(socket, event as CloseEvent))
  }

  send(data: string): void {
    this.#open?.send(data)
  }

  close(code?: number): void {
    this.#closed = true
    this.#redials.cancel()
    for (const socket of this.#dials) socket.close(code)
  }

  #opened(socket: SocketLike): void {
    if (this.#open || this.#closed) return socket.close()
    this.#open = socket
    this.#redials.cancel()
    for (const other of this.#dials) if (other !== socket) other.close()
    this.dispatchEvent(new Event('open'))
  }

  /** Refused, or lost: with the last dial, or the one that was open, the socket is. */
  #lost(socket: SocketLike, { code, reason }: CloseEvent): void {
    this.#dials.delete(socket)
    if (this.#open ? this.#open !== socket : this.#dials.size > 0) return
    this.#closed = true
    this.#redials.cancel()
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }))
  }
}
