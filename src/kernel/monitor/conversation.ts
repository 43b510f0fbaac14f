import type { LocalType } from '../protocol/local-type.ts'
import { explore } from '../protocol/points.ts'
import type { Protocol } from '../protocol/protocol.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { Monitor, type MonitorPlan, planMonitor } from './monitor.ts'
import { type Allowed, type Direction, ProtocolViolation } from './protocol-violation.ts'

/**
 * What one wire between two ends carries: one or more protocols that run side by side. A session type has no state in
 * which either end may speak, so a full-duplex wire is several conversations (negotiation, keep-alive, notices, ...),
 * told apart by the labels of their messages: in each direction a label belongs to one protocol only.
 */
export interface Conversation {
  readonly name: string
  readonly roles: readonly [string, string]
  readonly protocols: readonly Protocol[]
}

/** Declares a conversation. Throws a {@link ProtocolError} when the roles differ or a label is used twice in one direction. */
export function conversation(
  name: string,
  roles: readonly [string, string],
  protocols: readonly Protocol[],
): Conversation {
  const owners = new Map<string, string>()
  for (const protocol of protocols) {
    if (protocol.roles.length !== 2 || !protocol.roles.every((role) => roles.includes(role))) {
      throw new ProtocolError(
        'unknown-role',
        `${name}: protocol "${protocol.name}" is between ${protocol.roles.join(', ')}, not ${roles.join(', ')}`,
      )
    }
    for (const message of planMonitor(protocol, roles[0]).table.messages) {
      const key = `${message.direction} ${message.label}`
      const owner = owners.get(key)
      if (owner !== undefined) {
        throw new ProtocolError(
          'ambiguous-label',
          `${name}: "${message.label}" ${message.direction} by ${roles[0]} belongs to both "${owner}" and "${protocol.name}"`,
        )
      }
      owners.set(key, protocol.name)
    }
  }
  return { name, roles, protocols }
}

/** One end of a conversation, compiled once for all its connections. */
export interface ConversationPlan {
  readonly conversation: string
  readonly role: string
  readonly peer: string
  /** Equal for equal declarations, whatever their payload schemas. */
  readonly fingerprint: string
  readonly plans: readonly MonitorPlan[]
  /** Label -> which of the plans it belongs to. */
  readonly sent: ReadonlyMap<string, number>
  readonly received: ReadonlyMap<string, number>
}

export function planConversation({ name, roles, protocols }: Conversation, role: string): ConversationPlan {
  const peer = roles.find((other) => other !== role)
  if (peer === undefined || !roles.includes(role)) {
    throw new RangeError(`Cannot monitor role "${role}": conversation "${name}" is between ${roles.join(' and ')}`)
  }
  const plans = protocols.map((protocol) => planMonitor(protocol, role))
  const owners = (direction: Direction) =>
    new Map(
      plans.flatMap(({ table }, index) =>
        table.messages.filter((message) => message.direction === direction).map(({ label }) => [label, index] as const),
      ),
    )
  return {
    conversation: name,
    role,
    peer,
    fingerprint: fingerprintOf(name, protocols),
    plans,
    sent: owners('sent'),
    received: owners('received'),
  }
}

/** FNV-1a, 64 bits: it tells versions of a declaration apart, it does not protect against forgery. */
function fingerprintOf(name: string, protocols: readonly Protocol[]): string {
  const shapes = protocols.map((each) => [each.name, Object.entries<LocalType>(each.locals).map(shapeOf)])
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(JSON.stringify([name, shapes]))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  return hash.toString(16).padStart(16, '0')
}

/** A role's automaton without its payloads: it grows with the declaration, as the written type does not. */
function shapeOf([role, local]: readonly [string, LocalType]): unknown {
  return [role, explore(local).map(({ kind, peer, ways }) => [kind, peer, ways.map(({ label, to }) => [label, to])])]
}

/** Watches one connection. A violation in one of its protocols ends them all: the wire is what cannot be trusted. */
export class ConversationMonitor {
  readonly #plan: ConversationPlan
  readonly #monitors: readonly Monitor[]
  #violated = false

  /** Begins at the start, or in `states` that were read off another monitor of the same plan. */
  constructor(plan: ConversationPlan, states: readonly number[] = []) {
    this.#plan = plan
    this.#monitors = plan.plans.map((each, index) => new Monitor(each, states[index]))
  }

  get states(): number[] {
    return this.#monitors.map((monitor) => monitor.state)
  }

  /** What is allowed now, in all of its protocols. */
  get expected(): readonly Allowed[] {
    return this.#violated ? [] : this.#monitors.flatMap((monitor) => monitor.expected)
  }

  /** This end sends. Throws a {@link ProtocolViolation}. */
  sent(label: string): void {
    this.#watch('sent', label, this.#plan.sent)
  }

  /** This end receives. Throws a {@link ProtocolViolation}. */
  received(label: string): void {
    this.#watch('received', label, this.#plan.received)
  }

  #watch(direction: Direction, label: string, owners: ReadonlyMap<string, number>): void {
    const monitor = this.#violated ? undefined : this.#monitors[owners.get(label) ?? -1]
    try {
      if (!monitor) throw this.#unowned(direction, label)
      if (direction === 'sent') monitor.sent(this.#plan.peer, label)
      else monitor.received(this.#plan.peer, label)
    } catch (violation) {
      this.#violated = true
      throw violation
    }
  }

  #unowned(direction: Direction, label: string): ProtocolViolation {
    return new ProtocolViolation(
      this.#violated ? 'already-violated' : 'unknown-label',
      { protocol: this.#plan.conversation, role: this.#plan.role },
      { direction, peer: this.#plan.peer, label },
      this.expected,
    )
  }
}
