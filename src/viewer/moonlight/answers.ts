import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import {
  decodeControlRequest,
  decodeSealedControl,
  encodeControlNotice,
  encodeSealedControl,
  type ControlNotice,
  type FrameStatus,
} from '../../wire/moonlight/control-message.ts'
import { decodeMoonlightInput } from '../../wire/moonlight/input-message.ts'
import type { MoonlightInput } from '../../wire/moonlight/input-message.ts'
import { moonlightStream } from '../../wire/moonlight/protocol.ts'
import { WireError } from '../../wire/wire-error.ts'
import { MessageSeal, openSealed } from './message-seal.ts'
import type { StreamKey, StreamTerms } from './stream-terms.ts'

export const streamPlan = planConversation(moonlightStream, 'host')

/** What a client's control stream brings. */
export interface ControlEvents {
  /** The first message was opened by this key. */
  recognised(key: StreamKey): void
  heard(): void
  keyPictureWanted(): void
  loss(status: FrameStatus): void
  input(input: MoonlightInput): void
  fault(code: string, message: string): void
}

/** The control stream of one client, above ENet: sealed by the key of its launch, and held to its conversation. */
export class ControlStream {
  readonly #terms: StreamTerms
  readonly #events: ControlEvents
  readonly #monitor: ConversationMonitor
  #seal: MessageSeal | undefined
  #isFaulty = false

  constructor(terms: StreamTerms, events: ControlEvents) {
    this.#terms = terms
    this.#events = events
    this.#monitor = new ConversationMonitor(streamPlan, terms.position)
  }

  /** Whether a message is this client's, wherever it came from. */
  recognises(bytes: Uint8Array): boolean {
    try {
      const sealed = decodeSealedControl(bytes)
      return this.#terms.keys.some(({ key }) => openSealed(Buffer.from(key, 'hex'), 'control', sealed) !== undefined)
    } catch (error) {
      if (error instanceof WireError) return false
      throw error
    }
  }

  /** Takes one message. What is not sealed by the client is dropped; what it should not have said is told as a fault, once. */
  take(bytes: Uint8Array): void {
    if (this.#isFaulty) return
    try {
      const sealed = decodeSealedControl(bytes)
      const plain = (this.#seal ?? this.#find(sealed))?.open(sealed)
      if (plain === undefined) return
      this.#events.heard()
      this.#hear(plain)
    } catch (error) {
      if (error instanceof ProtocolViolation) this.#fault('protocol-violation', error.message)
      else if (error instanceof WireError) this.#fault(error.code, error.message)
      else throw error
    }
  }

  /** Undefined before the client is recognised, and where the conversation has no place for it. */
  seal(notice: ControlNotice): Uint8Array | undefined {
    if (this.#seal === undefined || !this.#monitor.may('sent', notice.type)) return undefined
    this.#monitor.sent(notice.type)
    return encodeSealedControl(this.#seal.seal(encodeControlNotice(notice)))
  }

  #find(sealed: ReturnType<typeof decodeSealedControl>): MessageSeal | undefined {
    const found = this.#terms.keys.find(
      ({ key }) => openSealed(Buffer.from(key, 'hex'), 'control', sealed) !== undefined,
    )
    if (found === undefined) return undefined
    this.#seal = new MessageSeal(Buffer.from(found.key, 'hex'), 'control', 0)
    this.#events.recognised(found)
    return this.#seal
  }

  #hear(plain: Uint8Array): void {
    const message = decodeControlRequest(plain)
    this.#monitor.received(message.type)
    switch (message.type) {
      case 'key-picture':
      case 'invalidate':
        return this.#events.keyPictureWanted()
      case 'loss':
        return this.#events.loss(message)
      case 'input':
        return this.#events.input(decodeMoonlightInput(message.bytes))
      case 'start':
      case 'ping':
      case 'ignored':
        return
    }
  }

  #fault(code: string, message: string): void {
    this.#isFaulty = true
    this.#events.fault(code, message)
  }
}
