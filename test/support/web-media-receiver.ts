import { once } from 'node:events'
import { WebSocket } from 'ws'
import { systemClock } from '../../src/kernel/clock.ts'
import { monotonicUs } from '../../src/media/contract/monotonic.ts'
import {
  encodeClientMedia,
  maxReceiptCount,
  type ClientMediaMessage,
} from '../../src/wire/web-media/client-media-message.ts'
import { decodeHostMedia, type WebPicture, type WebSound } from '../../src/wire/web-media/host-media-message.ts'
import { PictureAssembly } from '../../src/wire/web-media/picture-assembly.ts'
import { ticketSubprotocolPrefix, webMediaSubprotocol } from '../../src/wire/web-media/subprotocol.ts'
import { eventually } from './eventually.ts'

const receiptPeriodMs = 30

/** The client's end of a media socket without a browser: it puts pictures together and tells what came. It decodes nothing. */
export class WebMediaReceiver implements Disposable {
  readonly pictures: WebPicture[] = []
  readonly sounds: WebSound[] = []
  readonly pointers: Uint8Array[] = []
  /** How the socket was closed; undefined while it is open. */
  closeCode: number | undefined
  readonly #socket: WebSocket
  readonly #assembly = new PictureAssembly()
  readonly #timer
  #arrivalsUs: number[] = []

  constructor(url: string, ticket: string) {
    this.#socket = new WebSocket(url, [webMediaSubprotocol, ticketSubprotocolPrefix + ticket])
    this.#socket.on('error', () => {})
    this.#socket.on('close', (code) => (this.closeCode = code))
    this.#socket.on('message', (data) => this.#receive(data as Buffer))
    this.#timer = systemClock.every(receiptPeriodMs, () => this.#acknowledge())
  }

  get bytes(): number {
    return this.pictures.reduce((sum, { data }) => sum + data.length, 0)
  }

  async opened(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) await once(this.#socket, 'open')
  }

  /** Stops reading, or goes on. */
  set stuck(stuck: boolean) {
    if (stuck) this.#socket.pause()
    else this.#socket.resume()
  }

  send(message: ClientMediaMessage): void {
    this.sendRaw(encodeClientMedia(message))
  }

  /** Anything at all. */
  sendRaw(data: Uint8Array | string): void {
    this.#socket.send(data)
  }

  async until(condition: (receiver: this) => boolean, what: string): Promise<void> {
    await eventually(() => condition(this), Boolean, { what, withinMs: 10_000 })
  }

  close(code?: number): void {
    this.#timer.cancel()
    if (code === undefined) this.#socket.terminate()
    else this.#socket.close(code)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #receive(data: Buffer): void {
    this.#arrivalsUs.push(Math.round(monotonicUs()))
    const message = decodeHostMedia(data)
    if (message.type === 'sound') return void this.sounds.push(message)
    if (message.type === 'pointers') return void this.pointers.push(message.data)
    if (message.type === 'padding') return
    const picture = this.#assembly.add(message)
    if (picture) this.pictures.push(picture)
  }

  #acknowledge(): void {
    while (this.#arrivalsUs.length > 0 && this.#socket.readyState === WebSocket.OPEN) {
      this.send({ type: 'receipt', arrivalsUs: this.#arrivalsUs.splice(0, maxReceiptCount) })
    }
  }
}
