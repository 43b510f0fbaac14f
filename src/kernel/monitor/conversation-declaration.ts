import type { Protocol } from '../protocol/protocol.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { planMonitor } from './monitor.ts'
import { unsaidLabels } from './monitor-table.ts'
import type { Order } from './order.ts'
import { compileOrders, type WireMessage } from './order-table.ts'

/**
 * What one wire between two ends carries: one or more protocols that run side by side. A session type has no state in
 * which either end may speak, so a full-duplex wire is several protocols (negotiation, keep-alive, notices, ...), told
 * apart by the labels of their messages: in each direction a label belongs to one protocol only. What holds across them is
 * declared beside them (`order.ts`).
 */
export interface Conversation<
  Roles extends readonly [string, string] = readonly [string, string],
  Protocols extends readonly Protocol[] = readonly Protocol[],
> {
  readonly name: string
  readonly roles: Roles
  readonly protocols: Protocols
  readonly orders: readonly Order[]
}

/**
 * Declares a conversation. Throws a {@link ProtocolError} when the roles differ, a label is used twice in one direction, or an
 * order cannot be held.
 */
export function conversation<
  const Roles extends readonly [string, string],
  const Protocols extends readonly Protocol[],
>(name: string, roles: Roles, protocols: Protocols, orders: readonly Order[] = []): Conversation<Roles, Protocols> {
  for (const protocol of protocols) {
    if (protocol.roles.length !== 2 || !protocol.roles.every((role) => roles.includes(role))) {
      throw new ProtocolError(
        'unknown-role',
        `${name}: protocol "${protocol.name}" is between ${protocol.roles.join(', ')}, not ${roles.join(', ')}`,
      )
    }
  }
  const messages = messagesOf(name, roles, protocols)
  for (const role of roles) {
    compileOrders(name, orders, messages, role)
    checkUnsaid(name, role, protocols)
  }
  return { name, roles, protocols, orders }
}

/** What an end does without the other is told apart by its labels as well. */
function checkUnsaid(name: string, role: string, protocols: readonly Protocol[]): void {
  const owners = new Map<string, string>()
  for (const protocol of protocols) {
    for (const label of unsaidLabels(planMonitor(protocol, role).table)) {
      const owner = owners.get(label)
      if (owner !== undefined) {
        throw new ProtocolError(
          'ambiguous-label',
          `${name}: "${label}", by which ${role} goes on alone, belongs to both "${owner}" and "${protocol.name}"`,
        )
      }
      owners.set(label, protocol.name)
    }
  }
}

/** All messages, each once. */
function messagesOf(
  name: string,
  [own, other]: readonly [string, string],
  protocols: readonly Protocol[],
): WireMessage[] {
  const owners = new Map<string, string>()
  return protocols.flatMap((protocol) =>
    planMonitor(protocol, own).table.messages.map(({ direction, label }) => {
      const owner = owners.get(`${direction} ${label}`)
      if (owner !== undefined) {
        throw new ProtocolError(
          'ambiguous-label',
          `${name}: "${label}" ${direction} by ${own} belongs to both "${owner}" and "${protocol.name}"`,
        )
      }
      owners.set(`${direction} ${label}`, protocol.name)
      return { from: direction === 'sent' ? own : other, label }
    }),
  )
}
