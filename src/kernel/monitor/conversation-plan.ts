import type { LocalType } from '../protocol/local-type.ts'
import { explore, type Way } from '../protocol/points.ts'
import type { Protocol } from '../protocol/protocol.ts'
import type { Conversation } from './conversation-declaration.ts'
import { unsaidLabels } from './monitor-table.ts'
import { type MonitorPlan, planMonitor } from './monitor.ts'
import type { Order } from './order.ts'
import { compileOrders, type OrderTable } from './order-table.ts'
import type { Allowed, Direction } from './protocol-violation.ts'

/** One end of a conversation, compiled once for all its connections. */
export interface ConversationPlan {
  readonly conversation: string
  readonly role: string
  readonly peer: string
  /** Equal for equal declarations, whatever their payload schemas. */
  readonly fingerprint: string
  /** One for each of its protocols. */
  readonly plans: readonly MonitorPlan[]
  /** Label -> number of the message in the table. */
  readonly sent: ReadonlyMap<string, number>
  readonly received: ReadonlyMap<string, number>
  /** Label of what is done without the peer -> number of the protocol that has it. */
  readonly unsaid: ReadonlyMap<string, number>
  readonly table: WireTable
}

/**
 * The tables of all protocols behind each other. Message m of protocol `owner[m]` leads from state s of that protocol to state
 * `next[at[m] + s * width[m]]`, or nowhere (-1), where the orders let it.
 */
export interface WireTable {
  readonly messages: readonly Allowed[]
  readonly owner: Int32Array
  readonly at: Int32Array
  readonly width: Int32Array
  readonly next: Int32Array
  readonly orders: OrderTable
}

/** Compiles the end of `role`. Throws a RangeError for a role that the conversation does not have. */
export function planConversation({ name, roles, protocols, orders }: Conversation, role: string): ConversationPlan {
  const peer = roles.find((other) => other !== role)
  if (peer === undefined || !roles.includes(role)) {
    throw new RangeError(`Cannot monitor role "${role}": conversation "${name}" is between ${roles.join(' and ')}`)
  }
  const plans = protocols.map((protocol) => planMonitor(protocol, role))
  const table = joinTables({ name, role, peer, plans, orders })
  const numbers = (direction: Direction) =>
    new Map(
      table.messages.flatMap((each, number) => (each.direction === direction ? [[each.label, number] as const] : [])),
    )
  return {
    conversation: name,
    role,
    peer,
    fingerprint: fingerprintOf(name, protocols, orders),
    plans,
    sent: numbers('sent'),
    received: numbers('received'),
    unsaid: new Map(plans.flatMap((plan, number) => unsaidLabels(plan.table).map((label) => [label, number] as const))),
    table,
  }
}

function joinTables(options: {
  readonly name: string
  readonly role: string
  readonly peer: string
  readonly plans: readonly MonitorPlan[]
  readonly orders: readonly Order[]
}): WireTable {
  const { name, role, peer, plans, orders } = options
  const starts: number[] = []
  let cells = 0
  for (const { table } of plans) {
    starts.push(cells)
    cells += table.next.length
  }
  const next = new Int32Array(cells)
  for (const [index, { table }] of plans.entries()) next.set(table.next, starts[index])
  const rows = plans.flatMap(({ table }, owner) =>
    table.messages.map((message, column) => ({
      message,
      owner,
      at: (starts[owner] as number) + column,
      width: table.messages.length,
    })),
  )
  const messages = rows.map(({ message }) => message)
  const said = messages.map(({ direction, label }) => ({ from: direction === 'sent' ? role : peer, label }))
  return {
    messages,
    owner: Int32Array.from(rows, (row) => row.owner),
    at: Int32Array.from(rows, (row) => row.at),
    width: Int32Array.from(rows, (row) => row.width),
    next,
    orders: compileOrders(name, orders, said, role),
  }
}

/** FNV-1a, 64 bits: it tells versions of a declaration apart, it does not protect against forgery. */
function fingerprintOf(name: string, protocols: readonly Protocol[], orders: readonly Order[]): string {
  const shapes = protocols.map((each) => [each.name, Object.entries<LocalType>(each.locals).map(shapeOf)])
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(JSON.stringify([name, shapes, orders]))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  return hash.toString(16).padStart(16, '0')
}

/** A role's automaton without its payloads: it grows with the declaration, as the written type does not. */
function shapeOf([role, local]: readonly [string, LocalType]): unknown {
  return [role, explore(local).map(({ kind, peer, ways }) => [kind, peer, ways.map(shapeOfWay)])]
}

function shapeOfWay({ label, to, lost, late }: Way): unknown {
  return lost || late ? [label, to, lost ? 'lost' : 'late', (lost ?? late)?.afterMs ?? 'told'] : [label, to]
}
