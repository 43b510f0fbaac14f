import { ConversationMonitor, type Monitor, type ConversationPlan } from '../kernel/monitor/conversation.ts'
import { Recording } from '../kernel/monitor/recording.ts'
import type { Direction } from '../kernel/monitor/protocol-violation.ts'

/** How signalling sockets are watched. */
export interface SignalMonitorOptions {
  /** The host's end of `signalling`. */
  readonly plan: ConversationPlan
  readonly epochMs: () => number
  /** Takes the recording of a conversation that has ended; nothing is recorded without it. */
  readonly keepRecording: ((sessionId: string, recording: string) => void) | undefined
}

/** Messages of a recording; their order is kept, their contents (addresses, secrets) are not. */
const recordedMessages = 500

/** Holds one signalling socket to the protocol, both ways, and keeps a recording where one is wanted. */
export class SignalMonitor implements Monitor {
  readonly #options: SignalMonitorOptions
  readonly #monitor: ConversationMonitor
  readonly #recording: Recording | undefined

  constructor(options: SignalMonitorOptions) {
    this.#options = options
    this.#monitor = new ConversationMonitor(options.plan)
    this.#recording = options.keepRecording && new Recording(options.plan, { capacity: recordedMessages })
  }

  /** Whether such a message may be sent, or received, now. */
  may(direction: Direction, label: string): boolean {
    return this.#monitor.may(direction, label)
  }

  /** Throws a ProtocolViolation. */
  received(label: string): void {
    this.#recording?.add({ atMs: this.#options.epochMs(), direction: 'received', label })
    this.#monitor.received(label)
  }

  /** Throws a ProtocolViolation. */
  sent(label: string): void {
    this.#recording?.add({ atMs: this.#options.epochMs(), direction: 'sent', label })
    this.#monitor.sent(label)
  }

  /** The client is lost: what waits for it does not any more. */
  lost(): void {
    for (const label of this.#monitor.lost()) {
      this.#recording?.add({ atMs: this.#options.epochMs(), direction: 'missed', label })
    }
  }

  /** The conversation is over. */
  keep(sessionId: string): void {
    if (this.#recording) this.#options.keepRecording?.(sessionId, this.#recording.format())
  }
}
