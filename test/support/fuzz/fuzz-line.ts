import { WebSocket } from 'ws'
import { decodeServerMessage, encodeSignal } from '../../../src/wire/signal/codec.ts'
import {
  bearerSubprotocolPrefix,
  signalSubprotocol,
  type ClientMessage,
  type ServerMessage,
} from '../../../src/wire/signal/messages.ts'
import type { FuzzTarget } from './fuzzed-conversation.ts'

/** Nothing that a server does takes as long, however busy the machine. */
const patienceMs = 60_000

/** A signalling connection of a fuzzer that is there for something else: it says what it is told to, and waits for answers. */
export class FuzzLine {
  readonly heard: ServerMessage[] = []
  sent = 0
  /** The close code; undefined while it stands. */
  closeCode: number | undefined
  readonly #socket: WebSocket
  readonly #wakes = new Set<() => void>()

  constructor({ url, token }: Pick<FuzzTarget, 'url' | 'token'>) {
    this.#socket = new WebSocket(url, [signalSubprotocol, bearerSubprotocolPrefix + token])
    this.#socket.on('error', () => {})
    this.#socket.on('message', (data: Buffer) => {
      this.heard.push(decodeServerMessage(data))
      this.#wake()
    })
    this.#socket.on('close', (code) => {
      this.closeCode = code
      this.#wake()
    })
  }

  say(message: ClientMessage): void {
    this.sent++
    this.#socket.send(encodeSignal(message))
  }

  /** The first message of that type behind the first `skip` of all; undefined when it ends, or it takes too long. */
  async answer<Type extends ServerMessage['type']>(
    type: Type,
    skip = 0,
  ): Promise<Extract<ServerMessage, { type: Type }> | undefined> {
    const found = () => this.heard.slice(skip).find((message) => message.type === type)
    await this.#until(() => found() !== undefined || this.closeCode !== undefined)
    return found() as Extract<ServerMessage, { type: Type }> | undefined
  }

  /** Whether a ping is answered. */
  async stands(): Promise<boolean> {
    if (this.closeCode !== undefined) return false
    const skip = this.heard.length
    this.say({ type: 'ping', timestamp: this.sent })
    return (await this.answer('pong', skip)) !== undefined
  }

  /** Resolves with the close code; undefined when it takes too long. */
  async ended(): Promise<number | undefined> {
    await this.#until(() => this.closeCode !== undefined)
    return this.closeCode
  }

  cut(): void {
    this.#socket.terminate()
  }

  async #until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + patienceMs
    while (!isSo() && performance.now() < deadline) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wakes.add(resolve)
      const timer = setTimeout(resolve, deadline - performance.now())
      await promise
      clearTimeout(timer)
      this.#wakes.delete(resolve)
    }
  }

  #wake(): void {
    for (const wake of this.#wakes) wake()
  }
}
