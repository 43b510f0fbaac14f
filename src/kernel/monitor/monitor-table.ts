import type { LocalType, MuType } from '../protocol/local-type.ts'
import type { Schema } from '../protocol/schema.ts'
import { emptyScope, type Point, unfoldIfVarWithScope } from '../protocol/unfold.ts'
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
  /** The payload schema of each transition, numbered like {@link next}. */
  readonly payloads: readonly (Schema<unknown> | undefined)[]
}

export type MessageIndex = ReadonlyMap<string, ReadonlyMap<string, number>>

const nowhere = -1

/** Compiles a closed local type. Time and size grow with the number of its actions and labels. */
export function compileTable(local: LocalType): MonitorTable {
  const { points, transitions } = explore(local)
  const messages: Allowed[] = []
  const index: Record<Direction, Map<string, Map<string, number>>> = { sent: new Map(), received: new Map() }
  for (const { message } of transitions) {
    const labels = index[message.direction].get(message.peer) ?? new Map<string, number>()
    index[message.direction].set(message.peer, labels)
    if (labels.has(message.label)) continue
    labels.set(message.label, messages.length)
    messages.push(message)
  }
  const next = new Int32Array(points.length * messages.length).fill(nowhere)
  const payloads: (Schema<unknown> | undefined)[] = Array.from({ length: next.length })
  for (const { from, message, payload, to } of transitions) {
    const number = index[message.direction].get(message.peer)?.get(message.label) ?? 0
    next[from * messages.length + number] = to
    payloads[from * messages.length + number] = payload
  }
  const final = Uint8Array.from(points, (point) => (point.local.kind === 'end' ? 1 : 0))
  return {
    start: 0,
    states: points.length,
    messages,
    sent: index.sent,
    received: index.received,
    next,
    final,
    payloads,
  }
}

/** What the protocol allows in a state. */
export function allowedIn(table: MonitorTable, state: number): Allowed[] {
  const row = state * table.messages.length
  return table.messages.filter((_, message) => (table.next[row + message] ?? nowhere) !== nowhere)
}

interface Transition {
  readonly from: number
  readonly message: Allowed
  readonly payload: Schema<unknown>
  readonly to: number
}

/** All points that can be reached, the first being the start, and how. */
function explore(local: LocalType): { points: Point[]; transitions: Transition[] } {
  const points: Point[] = []
  const numbers = new Map<string, number>()
  const names = new Names()
  const numberOf = (point: Point): number => {
    const unfolded = unfoldIfVarWithScope(point)
    const key = names.of(unfolded)
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, points.length)
    return points.push(unfolded) - 1
  }
  numberOf({ local, scope: emptyScope })
  const transitions: Transition[] = []
  for (let from = 0; from < points.length; from++) {
    const { local: at, scope } = points[from] as Point
    if (at.kind !== 'send' && at.kind !== 'receive') continue
    const side =
      at.kind === 'send'
        ? { direction: 'sent' as const, peer: at.to }
        : { direction: 'received' as const, peer: at.from }
    for (const { label, payload, next } of at.branches) {
      transitions.push({ from, message: { ...side, label }, payload, to: numberOf({ local: next, scope }) })
    }
  }
  return { points, transitions }
}

/** Gives equal names to equal points: the same piece of the type under the same open loops. */
class Names {
  readonly #numbers = new Map<LocalType | MuType, number>()

  of({ local, scope }: Point): string {
    if (local.kind === 'end') return 'end'
    return [local, ...scope.values()].map((type) => this.#number(type)).join(' ')
  }

  #number(type: LocalType): number {
    const number = this.#numbers.get(type) ?? this.#numbers.size
    this.#numbers.set(type, number)
    return number
  }
}
