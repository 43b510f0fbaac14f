import type { LocalType } from '../protocol/local-type.ts'
import { findFault } from '../protocol/schema.ts'
import { allowedIn, compileTable, type MessageIndex, type MonitorTable } from './monitor-table.ts'
import { type Allowed, type Direction, ProtocolViolation } from './protocol-violation.ts'

/** What is watched, compiled once for all its conversations. */
export interface MonitorPlan {
  readonly protocol: string
  readonly role: string
  readonly table: MonitorTable
}

/** Compiles one role's part in a protocol. */
export function planMonitor(
  protocol: { readonly name: string; readonly locals: Readonly<Record<string, LocalType>> },
  role: string,
): MonitorPlan {
  const local = Object.hasOwn(protocol.locals, role) ? protocol.locals[role] : undefined
  if (!local)
    throw new RangeError(
      `Cannot monitor role "${role}": protocol "${protocol.name}" has ${Object.keys(protocol.locals).join(', ')}`,
    )
  return { protocol: protocol.name, role, table: compileTable(local) }
}

/**
 * Watches one conversation from one end. Each message costs two map look-ups and one array access, whatever the size of
 * the protocol; a message that is not allowed throws a {@link ProtocolViolation}, and so does every one after it.
 */
export class Monitor {
  readonly #plan: MonitorPlan
  #state: number
  #violated = false

  /** Begins at the start of the protocol, or in a `state` that was read off another monitor of the same plan. */
  constructor(plan: MonitorPlan, state = plan.table.start) {
    if (!Number.isInteger(state) || state < 0 || state >= plan.table.states) {
      throw new RangeError(`Cannot watch "${plan.protocol}" from state ${state}: it has ${plan.table.states}`)
    }
    this.#plan = plan
    this.#state = state
  }

  /** Where the conversation is: a number of the plan's table. */
  get state(): number {
    return this.#state
  }

  /** True when nothing more is to come. */
  get ended(): boolean {
    return this.#plan.table.final[this.#state] === 1
  }

  /** What is allowed now. */
  get expected(): readonly Allowed[] {
    return this.#violated ? [] : allowedIn(this.#plan.table, this.#state)
  }

  /** This end sends. With a third argument, `undefined` included, the payload is checked against its schema. */
  sent(to: string, label: string, ...payload: [payload?: unknown]): void {
    this.#step('sent', this.#plan.table.sent, to, label, payload)
  }

  /** This end receives; see {@link sent}. */
  received(from: string, label: string, ...payload: [payload?: unknown]): void {
    this.#step('received', this.#plan.table.received, from, label, payload)
  }

  /** The peer is lost: goes on with the branch for it. False where the protocol has none at this point. */
  lost(peer: string): boolean {
    return this.#goWithout('lost', peer)
  }

  /** What the peer was to say is late: goes on with the branch for it. False where the protocol has none at this point. */
  late(peer: string): boolean {
    return this.#goWithout('late', peer)
  }

  #goWithout(kind: 'lost' | 'late', peer: string): boolean {
    const unsaid = this.#plan.table.unsaid[this.#state]
    const way = unsaid?.peer === peer && !this.#violated ? unsaid[kind] : undefined
    if (way) this.#state = way.to
    return way !== undefined
  }

  #step(direction: Direction, index: MessageIndex, peer: string, label: string, payload: readonly unknown[]): void {
    const { table } = this.#plan
    const message = index.get(peer)?.get(label)
    if (message === undefined || this.#violated) {
      throw this.#violation(this.#violated ? 'already-violated' : 'unknown-label', { direction, peer, label })
    }
    const cell = this.#state * table.messages.length + message
    const next = table.next[cell] ?? -1
    if (next < 0) throw this.#violation('unexpected-message', { direction, peer, label })
    if (payload.length > 0) {
      const schema = table.payloads[cell]
      const fault = schema && findFault(schema, payload[0])
      if (fault) throw this.#violation('invalid-payload', { direction, peer, label }, fault)
    }
    this.#state = next
  }

  #violation(code: ProtocolViolation['code'], got: Allowed, why?: string): ProtocolViolation {
    const violation = new ProtocolViolation(code, this.#plan, got, this.expected, why)
    this.#violated = true
    return violation
  }
}
