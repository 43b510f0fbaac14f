import { planConversation } from '../../kernel/monitor/conversation.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import { RecordingMonitor } from '../../kernel/monitor/recording-monitor.ts'
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
import type { StreamTerms } from './stream-terms.ts'

export const streamPlan = planConversation(moonlightStream, 'host')

/** Messages of a recording: a client says something ten times a second. */
export const recordedMessages = 500

/** What a client's control stream brings. */
export interface ControlEvents {
  /** The first message was opened: the client has the key. */
  recognised(): void
  heard(): void
  keyPictureWanted(): void
  loss(status: FrameStatus): void
  input(input: MoonlightInput): void
  fault(code: string, message: string): void
}

/** The control stream of one client, above ENet: sealed by the key of its launch, and held to its conversation. */
export class ControlStream {
  readonly #key: Uint8Array
  readonly #events: ControlEvents
  readonly #monitor: RecordingMonitor
  readonly #seal: MessageSeal
  #isRecognised = false
  #isFaulty = false

  constructor(terms: StreamTerms, events: ControlEvents, epochMs: () => number) {
    const { said, isRecorded } = terms
    this.#key = Buffer.from(terms.key.secret, 'hex')
    this.#seal = new MessageSeal(this.#key, 'control', 0)
    this.#events = events
    this.#monitor = new RecordingMonitor({
      plan: streamPlan,
      epochMs,
      capacity: isRecorded ? recordedMessages : 0,
      said,
    })
  }

  /** Of all that was said from the beginning; undefined where nothing is recorded. */
  get recording(): string | undefined {
    return this.#monitor.recording
  }

  /** Whether a message is this client's, wherever it came from. */
  recognises(bytes: Uint8Array): boolean {
    try {
      return openSealed(this.#key, 'control', decodeSealedControl(bytes)) !== undefined
    } catch (error) {
      if (error instanceof WireError) return false
      throw error
    }
  }

  /** Takes one message. What is not sealed by the client is dropped; what it should not have said is told as a fault, once. */
  take(bytes: Uint8Array): void {
    if (this.#isFaulty) return
    // Whoever forges an address can send what is not sealed: that tells nothing of the client.
    const plain = this.#opened(bytes)
    if (plain === undefined) return
    try {
      if (!this.#isRecognised) {
        this.#isRecognised = true
        this.#events.recognised()
      }
      this.#events.heard()
      this.#hear(plain)
    } catch (error) {
      if (error instanceof ProtocolViolation) this.#fault('protocol-violation', error.message)
      else if (error instanceof WireError) this.#unreadable(error)
      else throw error
    }
  }

  /** Undefined before the client is recognised, and where the conversation has no place for it. */
  seal(notice: ControlNotice): Uint8Array | undefined {
    if (!this.#isRecognised || !this.#monitor.may('sent', notice.type)) return undefined
    this.#monitor.sent(notice.type)
    return encodeSealedControl(this.#seal.seal(encodeControlNotice(notice)))
  }

  #opened(bytes: Uint8Array): Uint8Array | undefined {
    try {
      return this.#seal.open(decodeSealedControl(bytes))
    } catch (error) {
      if (error instanceof WireError) return undefined
      throw error
    }
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

  #unreadable({ code, message }: WireError): void {
    this.#monitor.unreadable()
    this.#fault(code, message)
  }

  #fault(code: string, message: string): void {
    this.#isFaulty = true
    this.#events.fault(code, message)
  }
}
