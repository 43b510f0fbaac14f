import type { ConversationPlan } from './conversation-plan.ts'
import type { Unsaid, UnsaidWay } from './monitor-table.ts'
import { type Allowed, type Deed, type Direction, ProtocolViolation } from './protocol-violation.ts'

/** What holds one end of a connection to its conversation. */
export interface Monitor {
  /** This end sends. Throws a {@link ProtocolViolation}. */
  sent(label: string): unknown
  /** This end receives. Throws a {@link ProtocolViolation}. */
  received(label: string): unknown
}

/** Where a conversation is, as a monitor knows it. */
export interface WirePosition {
  /** The state of each protocol. */
  readonly states: readonly number[]
  /** What the orders remember; nothing at the start. */
  readonly orders: readonly number[]
}

/**
 * Watches one connection. A message costs a map look-up and a few array accesses, whatever the size of the protocols. A
 * violation in one of them ends them all: the wire is what cannot be trusted.
 */
export class ConversationMonitor implements Monitor {
  readonly #plan: ConversationPlan
  readonly #states: Int32Array
  /** What has happened, for the orders; a bit each. */
  #happened = 0
  readonly #counters: Int32Array
  #violated = false

  /** Begins at the start, or where another monitor of the same plan was. */
  constructor(plan: ConversationPlan, at: Partial<WirePosition> = {}) {
    const { orders } = plan.table
    this.#plan = plan
    this.#states = new Int32Array(plan.plans.length)
    this.#counters = new Int32Array(orders.limits.length)
    if (at.states) this.#begin(at.states, at.orders)
  }

  /** Where the conversation is. */
  get position(): WirePosition {
    const happened = this.#plan.table.orders.bits > 0 ? [this.#happened] : []
    return { states: [...this.#states], orders: [...happened, ...this.#counters] }
  }

  /** What is allowed now, in all of its protocols. */
  get expected(): readonly Allowed[] {
    if (this.#violated) return []
    const { messages } = this.#plan.table
    return messages.filter((_message, number) => this.#next(number) >= 0 && this.#obstacle(number) === undefined)
  }

  /** Whether such a message may be sent, or received, now. */
  may(direction: Direction, label: string): boolean {
    const message = this.#plan[direction].get(label)
    return !this.#violated && message !== undefined && this.#isAllowed(message)
  }

  sent(label: string): void {
    const message = this.#plan.sent.get(label)
    if (message === undefined || this.#violated || !this.#isAllowed(message)) throw this.#violation('sent', label)
    this.#advance(message)
  }

  received(label: string): void {
    const message = this.#plan.received.get(label)
    if (message === undefined || this.#violated || !this.#isAllowed(message)) throw this.#violation('received', label)
    this.#advance(message)
  }

  /**
   * This end goes on without what it waited for, because the peer is lost or late: `label` names the branch for that. Throws a
   * {@link ProtocolViolation} where the conversation has none now.
   */
  missed(label: string): void {
    const owner = this.#plan.unsaid.get(label)
    const way = owner === undefined ? undefined : this.unsaidIn(owner).find((each) => each.label === label)
    if (owner === undefined || !way) throw this.#violation('missed', label)
    this.#states[owner] = way.to
  }

  /** The peer is lost: every protocol that has a branch for that goes on with it. Their labels. */
  lost(): string[] {
    return this.#plan.plans.flatMap((_plan, protocol) => {
      const { lost } = this.#violated ? {} : this.#unsaidAt(protocol)
      if (!lost) return []
      this.#states[protocol] = lost.to
      return lost.label
    })
  }

  /** What may be done without the peer now in one of the protocols, by its number: the loss first. */
  unsaidIn(protocol: number): readonly UnsaidWay[] {
    const { lost, late } = this.#violated ? {} : this.#unsaidAt(protocol)
    return [lost, late].filter((way) => way !== undefined)
  }

  #unsaidAt(protocol: number): Partial<Pick<Unsaid, 'lost' | 'late'>> {
    return this.#plan.plans[protocol]?.table.unsaid[this.#states[protocol] as number] ?? {}
  }

  #next(message: number): number {
    const { table } = this.#plan
    const state = this.#states[table.owner[message] as number] as number
    return table.next[(table.at[message] as number) + state * (table.width[message] as number)] as number
  }

  #isAllowed(message: number): boolean {
    const { orders } = this.#plan.table
    const needs = orders.needs[message] as number
    const happened = this.#happened
    if (this.#next(message) < 0 || (happened & needs) !== needs) return false
    if ((happened & (orders.bars[message] as number)) !== 0) return false
    const counts = orders.counts[message] as number
    return counts === 0 || this.#fullCounter(counts) < 0
  }

  #advance(message: number): void {
    const { owner, orders } = this.#plan.table
    this.#states[owner[message] as number] = this.#next(message)
    this.#happened |= orders.sets[message] as number
    const touched = (orders.counts[message] as number) | (orders.resets[message] as number)
    if (touched !== 0) this.#count(message)
  }

  #count(message: number): void {
    const { counts, resets } = this.#plan.table.orders
    const counters = this.#counters
    for (let counter = 0; counter < counters.length; counter++) {
      const bit = 1 << counter
      if (((resets[message] as number) & bit) !== 0) counters[counter] = 0
      if (((counts[message] as number) & bit) !== 0) counters[counter] = (counters[counter] as number) + 1
    }
  }

  /** The first of these counters that can go no further, or -1. */
  #fullCounter(counts: number): number {
    const { limits } = this.#plan.table.orders
    const counters = this.#counters
    for (let counter = 0; counter < counters.length; counter++) {
      const isFull = (counters[counter] as number) >= (limits[counter] as number)
      if ((counts & (1 << counter)) !== 0 && isFull) return counter
    }
    return -1
  }

  /** The order that is in the way of a message, in words. */
  #obstacle(message: number): string | undefined {
    const { orders } = this.#plan.table
    const inTheWay =
      ((orders.needs[message] as number) & ~this.#happened) | ((orders.bars[message] as number) & this.#happened)
    if (inTheWay !== 0) return orders.reasons[31 - Math.clz32(inTheWay & -inTheWay)]
    const counter = this.#fullCounter(orders.counts[message] as number)
    return counter < 0 ? undefined : orders.countReasons[counter]
  }

  #violation(direction: Deed, label: string): ProtocolViolation {
    const { table, plans, conversation, role, peer } = this.#plan
    const got = { direction, peer, label }
    const message = direction === 'missed' ? undefined : this.#plan[direction].get(label)
    const expected = this.expected
    const isOver = this.#violated
    this.#violated = true
    if (isOver || message === undefined) {
      const isMissed = direction === 'missed' && this.#plan.unsaid.has(label)
      const code = isOver ? 'already-violated' : isMissed ? 'unexpected-message' : 'unknown-label'
      return new ProtocolViolation(code, { protocol: conversation, role }, got, expected)
    }
    const owner = table.owner[message] as number
    if (this.#next(message) >= 0) {
      const why = this.#obstacle(message)
      return new ProtocolViolation('out-of-order', { protocol: conversation, role }, got, expected, why)
    }
    const ofProtocol = expected.filter((each) => table.owner[table.messages.indexOf(each)] === owner)
    const protocol = plans[owner]?.protocol ?? conversation
    return new ProtocolViolation('unexpected-message', { protocol, role }, got, ofProtocol)
  }

  #begin(states: readonly number[], remembered: readonly number[] = []): void {
    const { plans, conversation, table } = this.#plan
    const { bits, limits } = table.orders
    const mostRemembered = [...(bits > 0 ? [2 ** bits - 1] : []), ...limits]
    const known = remembered.length === 0 ? mostRemembered.map(() => 0) : remembered
    const what = `Cannot watch "${conversation}" from there`
    check(
      what,
      states,
      plans.map((each) => each.table.states - 1),
    )
    check(what, known, mostRemembered)
    this.#states.set(states)
    const [happened = 0, ...counters] = bits > 0 ? known : [0, ...known]
    this.#happened = happened
    this.#counters.set(counters)
  }
}

function check(what: string, numbers: readonly number[], most: readonly number[]): void {
  if (numbers.length !== most.length) throw new RangeError(`${what}: ${numbers.length} states, wanted ${most.length}`)
  for (const [index, number] of numbers.entries()) {
    if (!Number.isInteger(number) || number < 0 || number > (most[index] as number)) {
      throw new RangeError(`${what}: state ${number}, wanted 0 to ${most[index]}`)
    }
  }
}
