import type { Clock, Timer } from '../clock.ts'
import type { ConversationMonitor, Monitor } from './conversation-monitor.ts'
import type { ConversationPlan } from './conversation-plan.ts'

export interface TimedMonitorOptions {
  readonly plan: ConversationPlan
  readonly monitor: Pick<ConversationMonitor, 'sent' | 'received' | 'missed' | 'unsaidIn'>
  readonly clock: Clock
  /** A step has waited for as long as it may: the conversation has gone on by the branch of this label. */
  readonly onMissed: (label: string) => void
}

/**
 * Holds one end of a connection to its conversation, and its steps to their time limits. A limit begins with the message that leads
 * to its step, and ends with the one that leads on.
 */
export class TimedMonitor implements Monitor {
  readonly #options: TimedMonitorOptions
  /** Of each protocol; steps with limits are few. */
  readonly #timers = new Map<number, Timer[]>()
  /** Those that can have one. */
  readonly #limited: ReadonlySet<number>
  #isOver = false

  constructor(options: TimedMonitorOptions) {
    this.#options = options
    this.#limited = new Set(options.plan.unsaid.values())
    for (const protocol of this.#limited) this.#arm(protocol)
  }

  sent(label: string): void {
    const { plan, monitor } = this.#options
    monitor.sent(label)
    this.#wentOn(plan.sent.get(label))
  }

  received(label: string): void {
    const { plan, monitor } = this.#options
    monitor.received(label)
    this.#wentOn(plan.received.get(label))
  }

  /** The conversation is over: no limit counts any more. */
  end(): void {
    this.#isOver = true
    for (const protocol of this.#timers.keys()) this.#disarm(protocol)
  }

  #wentOn(message: number | undefined): void {
    if (message === undefined) return
    const protocol = this.#options.plan.table.owner[message] as number
    if (!this.#limited.has(protocol)) return
    this.#disarm(protocol)
    this.#arm(protocol)
  }

  #arm(protocol: number): void {
    const { monitor, clock } = this.#options
    if (this.#isOver) return
    const timers = monitor
      .unsaidIn(protocol)
      .flatMap(({ label, afterMs }) =>
        afterMs === undefined ? [] : [clock.after(afterMs, () => this.#expire(protocol, label))],
      )
    if (timers.length > 0) this.#timers.set(protocol, timers)
  }

  #disarm(protocol: number): void {
    for (const timer of this.#timers.get(protocol) ?? []) timer.cancel()
    this.#timers.delete(protocol)
  }

  #expire(protocol: number, label: string): void {
    const { monitor, onMissed } = this.#options
    this.#disarm(protocol)
    monitor.missed(label)
    this.#arm(protocol)
    onMissed(label)
  }
}
