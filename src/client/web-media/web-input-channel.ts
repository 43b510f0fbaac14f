import type { MediaSocketLike } from './web-media-platform.ts'

const openState = 1

/** What a data channel is to input, over a media socket. */
export class WebInputChannel extends EventTarget {
  readonly #socket: MediaSocketLike
  readonly #isOpen: () => boolean
  readonly #send: (data: Uint8Array) => void

  constructor(options: { socket: MediaSocketLike; isOpen: () => boolean; send: (data: Uint8Array) => void }) {
    super()
    this.#socket = options.socket
    this.#isOpen = options.isOpen
    this.#send = options.send
  }

  get readyState(): 'open' | 'closed' {
    return this.#socket.readyState === openState && this.#isOpen() ? 'open' : 'closed'
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(data: Uint8Array): void {
    this.#send(data)
  }

  /** Hands on what the host sent, as the channel would. */
  tell(data: Uint8Array): void {
    this.dispatchEvent(new MessageEvent('message', { data: data.slice().buffer }))
  }
}
