import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { decodeServerMessage, encodeSignal } from '../../src/wire/signal/codec.ts'
import { signalSubprotocol, type ClientMessage, type ServerMessage } from '../../src/wire/signal/messages.ts'

/** The host's end of a WebSocket without a network: what the client says is put in, what the host says is kept. */
export class MemorySocket extends EventEmitter {
  readonly OPEN = 1
  readyState: number = this.OPEN
  /** The subprotocol that was agreed on; empty for a client that names none. */
  readonly protocol: string
  /** What the host has written and nobody has read. */
  bufferedAmount = 0
  readonly messages: ServerMessage[] = []
  /** False: what leads to the client is dead, so that a closing handshake is never answered. */
  answersGoodbye = true
  /** How the host closed it; `cut` without a handshake. */
  closedWith: number | 'cut' | undefined

  constructor({ protocol = signalSubprotocol }: { protocol?: string } = {}) {
    super()
    this.protocol = protocol
  }

  /** For what takes a WebSocket. */
  get socket(): WebSocket {
    return this as unknown as WebSocket
  }

  /** The client says something. */
  says(message: ClientMessage): void {
    this.saysRaw(encodeSignal(message))
  }

  saysRaw(data: string, isBinary = false): void {
    this.emit('message', Buffer.from(data), isBinary)
  }

  /** The client goes away; 1006 is without a word. */
  leaves(code = 1006): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.emit('close', code, Buffer.alloc(0))
  }

  last<Type extends ServerMessage['type']>(type: Type): Extract<ServerMessage, { type: Type }> | undefined {
    return this.messages.findLast((message) => message.type === type) as never
  }

  send(data: string): void {
    this.messages.push(decodeServerMessage(data))
  }

  close(code: number): void {
    this.closedWith ??= code
    this.readyState = 2
    if (this.answersGoodbye) this.leaves(code)
  }

  /** What comes from the client is not read any more. */
  pause(): void {}

  terminate(): void {
    this.closedWith ??= 'cut'
    this.leaves()
  }
}
