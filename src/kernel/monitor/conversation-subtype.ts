import { endType, type LocalType } from '../protocol/local-type.ts'
import type { Protocol } from '../protocol/protocol.ts'
import { subtypeFault } from '../protocol/subtype.ts'
import type { Conversation } from './conversation.ts'
import { planMonitor } from './monitor.ts'
import { describeOrder, type Order } from './order.ts'

/** Whether one version of an end may stand in for another, and if not, every difference in words. */
export type SubtypeResult =
  | { readonly isSubtype: true }
  | { readonly isSubtype: false; readonly differences: readonly string[] }

/**
 * Whether a peer that plays `role` by the `older` version of a conversation is safe with an end that expects the `newer` one:
 * it says nothing that the newer one does not take there, knows all that may be said to it, and each keeps the orders
 * that the other watches. Protocols are told apart by their names; one that a version does not have is one in which
 * nothing is said. Payload schemas are not compared. Throws a RangeError for a role that one of them does not have.
 */
export function isSubtype(older: Conversation, newer: Conversation, role: string): SubtypeResult {
  for (const { name, roles } of [older, newer]) {
    if (!roles.includes(role)) throw new RangeError(`Conversation "${name}" has no role "${role}"`)
  }
  const names = new Set([...older.protocols, ...newer.protocols].map(({ name }) => name))
  const differences = [...names].flatMap((name) => {
    const fault = subtypeFault(localOf(older, name, role), localOf(newer, name, role))
    return fault === undefined ? [] : [`${name}: ${fault}`]
  })
  // The newer end watches what the peer says; the peer watches what the newer end says.
  for (const order of newer.orders) {
    if (limits(order, older, role) && !hasOrder(older, order)) {
      differences.push(`it does not keep to this: ${describeOrder(order)}`)
    }
  }
  for (const order of older.orders) {
    const other = newer.roles.find((each) => each !== role) ?? ''
    if (limits(order, newer, other) && !hasOrder(newer, order)) {
      differences.push(`it expects what is not kept to any more: ${describeOrder(order)}`)
    }
  }
  return differences.length === 0 ? { isSubtype: true } : { isSubtype: false, differences }
}

function localOf({ protocols }: Conversation, name: string, role: string): LocalType {
  const protocol: Protocol | undefined = protocols.find((each) => each.name === name)
  const locals: Readonly<Record<string, LocalType>> = protocol?.locals ?? {}
  return locals[role] ?? endType
}

/** Whether an order is about anything that `role` says in that version. */
function limits(order: Order, { protocols }: Conversation, role: string): boolean {
  const what = Object.hasOwn(order.what, role) ? order.what[role] : undefined
  if (what === undefined) return false
  const said = protocols.flatMap((protocol) => [...(planMonitor(protocol, role).table.sent.values() ?? [])])
  const labels = new Set(said.flatMap((byLabel) => [...byLabel.keys()]))
  return 'allBut' in what
    ? [...labels].some((label) => !what.allBut.includes(label))
    : what.some((label) => labels.has(label))
}

function hasOrder({ orders }: Conversation, order: Order): boolean {
  return orders.some((each) => describeOrder(each) === describeOrder(order))
}
