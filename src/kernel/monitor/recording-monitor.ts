import { ConversationMonitor, type Monitor } from './conversation-monitor.ts'
import type { ConversationPlan } from './conversation-plan.ts'
import type { Deed, Direction } from './protocol-violation.ts'
import { Recording, type RecordedMessage } from './recording.ts'

export interface RecordingMonitorOptions {
  readonly plan: ConversationPlan
  readonly epochMs: () => number
  /** Messages kept, without their contents; none when it is 0. */
  readonly capacity: number
  /** What was said already, to another monitor of the same plan. */
  readonly said?: readonly RecordedMessage[]
}

/** Holds one connection to its conversation, and keeps a recording of the last messages where one is wanted. */
export class RecordingMonitor implements Monitor {
  readonly #epochMs: () => number
  readonly #monitor: ConversationMonitor
  readonly #recording: Recording | undefined

  /** Throws a ProtocolViolation for what could not have been said. */
  constructor({ plan, epochMs, capacity, said = [] }: RecordingMonitorOptions) {
    this.#epochMs = epochMs
    this.#monitor = new ConversationMonitor(plan)
    this.#recording = capacity > 0 ? new Recording(plan, { capacity }) : undefined
    for (const message of said) {
      this.#recording?.add(message)
      this.#monitor[message.direction](message.label)
    }
  }

  /** Whether such a message may be sent, or received, now. */
  may(direction: Direction, label: string): boolean {
    return this.#monitor.may(direction, label)
  }

  /** Throws a ProtocolViolation. */
  received(label: string): void {
    this.#record('received', label)
    this.#monitor.received(label)
  }

  /** Throws a ProtocolViolation. */
  sent(label: string): void {
    this.#record('sent', label)
    this.#monitor.sent(label)
  }

  /** The peer is lost: what waits for it does not any more. */
  lost(): void {
    for (const label of this.#monitor.lost()) this.#record('missed', label)
  }

  /** Something came that is no message at all: whoever replays the recording is shown where. */
  unreadable(): void {
    this.#record('received', 'unreadable')
  }

  /** What is kept of what was said. */
  get said(): readonly RecordedMessage[] {
    return this.#recording?.messages ?? []
  }

  /** As a file that can be replayed; undefined where nothing is recorded. */
  get recording(): string | undefined {
    return this.#recording?.format()
  }

  #record(direction: Deed, label: string): void {
    this.#recording?.add({ atMs: this.#epochMs(), direction, label })
  }
}
