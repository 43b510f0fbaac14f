import type { WireAddress } from '../../wire/address-bytes.ts'
import type { Carrier } from '../paths/path.ts'

/** What checks through a tunnel say they came from: no address of anybody's (RFC 7600). */
export const tunnelAddress: WireAddress = { address: '192.0.0.8', port: 1 }

/** The web port's own WebSocket as a carrier of packets, which are as sealed in it as anywhere. */
export class Tunnel implements Carrier {
  readonly kind = 'web-port'
  readonly origin: string
  readonly #where: string
  readonly #send: (bytes: Uint8Array) => boolean

  /** `send`: puts a packet into the socket; false while there is none, or it takes nothing. */
  constructor(options: {
    readonly where: string
    readonly origin: string
    readonly send: (bytes: Uint8Array) => boolean
  }) {
    this.#where = options.where
    this.origin = options.origin
    this.#send = options.send
  }

  nameOf(): string {
    return `web port ${this.#where}`
  }

  send(bytes: Uint8Array): boolean {
    return this.#send(bytes)
  }
}
