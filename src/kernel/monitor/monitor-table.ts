import type { LocalType } from '../protocol/local-type.ts'
import { explore } from '../protocol/points.ts'
import type { Schema } from '../protocol/schema.ts'
import type { Allowed, Direction } from './protocol-violation.ts'

/**
 * A local type as a finite automaton in flat arrays, made once and shared by all monitors: state s and message m (a
 * direction, a peer and a label) lead to state `next[s * messages.length + m]`, or nowhere (-1).
 */
export interface MonitorTable {
  readonly start: number
  readonly states: number
  readonly messages: readonly Allowed[]
  /** Direction -> peer -> label -> number of the message. */
  readonly sent: MessageIndex
  readonly received: MessageIndex
  readonly next: Int32Array
  /** 1 for a state in which nothing more is to come. */
  readonly final: Uint8Array
  /** Where each state leads when the peer that it waits for is lost, or nowhere (-1). */
  readonly lost: Int32Array
  /** Whom each state waits for or speaks to. */
  readonly peers: readonly string[]
  /** The payload schema of each transition, numbered like {@link next}. */
  readonly payloads: readonly (Schema<unknown> | undefined)[]
}

export type MessageIndex = ReadonlyMap<string, ReadonlyMap<string, number>>

const nowhere = -1

/** Compiles a closed local type. Time and size grow with the number of its actions and labels. */
export function compileTable(local: LocalType): MonitorTable {
  const points = explore(local)
  const messages: Allowed[] = []
  const index: Record<Direction, Map<string, Map<string, number>>> = { sent: new Map(), received: new Map() }
  const numberOf = ({ direction, peer, label }: Allowed): number => {
    const labels = index[direction].get(peer) ?? new Map<string, number>()
    index[direction].set(peer, labels)
    const number = labels.get(label) ?? messages.push({ direction, peer, label }) - 1
    labels.set(label, number)
    return number
  }
  const transitions = points.flatMap((point, from) =>
    point.ways.flatMap((way) => {
      // Nobody sends it: see `lost`.
      if (way.lost) return []
      const direction = point.kind === 'send' ? 'sent' : 'received'
      return { ...way, from, message: numberOf({ direction, peer: point.peer, label: way.label }) }
    }),
  )
  const next = new Int32Array(points.length * messages.length).fill(nowhere)
  const payloads: (Schema<unknown> | undefined)[] = Array.from({ length: next.length })
  for (const { from, message, payload, to } of transitions) {
    next[from * messages.length + message] = to
    payloads[from * messages.length + message] = payload
  }
  const final = Uint8Array.from(points, (point) => (point.kind === 'end' ? 1 : 0))
  return {
    start: 0,
    states: points.length,
    messages,
    sent: index.sent,
    received: index.received,
    next,
    final,
    lost: Int32Array.from(points, ({ ways }) => ways.find((way) => way.lost)?.to ?? nowhere),
    peers: points.map(({ peer }) => peer),
    payloads,
  }
}

/** What the protocol allows in a state. */
export function allowedIn(table: MonitorTable, state: number): Allowed[] {
  const row = state * table.messages.length
  return table.messages.filter((_, message) => (table.next[row + message] ?? nowhere) !== nowhere)
}
