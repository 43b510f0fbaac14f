import { isUnsaid, type LocalType } from '../protocol/local-type.ts'
import type { Schema } from '../protocol/schema.ts'
import type { Allowed, Direction } from './protocol-violation.ts'
import { type WatchedState, watchedStates } from './watched-states.ts'

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
  /** What each state does without the one that it waits for. */
  readonly unsaid: readonly Unsaid[]
  /** The payload schema of each transition, numbered like {@link next}. */
  readonly payloads: readonly (Schema<unknown> | undefined)[]
}

/** What is done in one state without its peer; most have neither. */
export interface Unsaid {
  /** Whom the state waits for or speaks to. */
  readonly peer: string
  readonly lost?: UnsaidWay
  readonly late?: UnsaidWay
}

export interface UnsaidWay {
  readonly label: string
  readonly to: number
  /** How long is waited; undefined where the loss has to be told. */
  readonly afterMs: number | undefined
}

export type MessageIndex = ReadonlyMap<string, ReadonlyMap<string, number>>

const nowhere = -1

/** Compiles a closed local type. Time and size grow with the number of its actions and labels. */
export function compileTable(local: LocalType): MonitorTable {
  const states = watchedStates(local)
  const messages: Allowed[] = []
  const index: Record<Direction, Map<string, Map<string, number>>> = { sent: new Map(), received: new Map() }
  const numberOf = ({ direction, peer, label }: Allowed): number => {
    const labels = index[direction].get(peer) ?? new Map<string, number>()
    index[direction].set(peer, labels)
    const number = labels.get(label) ?? messages.push({ direction, peer, label }) - 1
    labels.set(label, number)
    return number
  }
  const transitions = states.flatMap(({ ways }, from) =>
    ways.flatMap(({ direction, peer, ...way }) =>
      // Nobody sends it: see `unsaid`.
      isUnsaid(way) ? [] : { ...way, from, message: numberOf({ direction, peer, label: way.label }) },
    ),
  )
  const next = new Int32Array(states.length * messages.length).fill(nowhere)
  const payloads: (Schema<unknown> | undefined)[] = Array.from({ length: next.length })
  for (const { from, message, payload, to } of transitions) {
    next[from * messages.length + message] = to
    payloads[from * messages.length + message] = payload
  }
  return {
    start: 0,
    states: states.length,
    messages,
    sent: index.sent,
    received: index.received,
    next,
    final: Uint8Array.from(states, ({ ways }) => (ways.length === 0 ? 1 : 0)),
    unsaid: states.map(unsaidOf),
    payloads,
  }
}

function unsaidOf({ peer, ways }: WatchedState): Unsaid {
  const lost = ways.find((way) => way.lost)
  const late = ways.find((way) => way.late)
  return {
    peer,
    ...(lost && { lost: { label: lost.label, to: lost.to, afterMs: lost.lost?.afterMs } }),
    ...(late && { late: { label: late.label, to: late.to, afterMs: late.late?.afterMs } }),
  }
}

/** What a role does without its peers, by its labels. */
export function unsaidLabels({ unsaid }: MonitorTable): string[] {
  return [...new Set(unsaid.flatMap(({ lost, late }) => [lost, late].flatMap((way) => way?.label ?? [])))]
}

/** What the protocol allows in a state. */
export function allowedIn(table: MonitorTable, state: number): Allowed[] {
  const row = state * table.messages.length
  return table.messages.filter((_, message) => (table.next[row + message] ?? nowhere) !== nowhere)
}
