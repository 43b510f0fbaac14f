import { isUnsaid, type LocalType } from '../protocol/local-type.ts'
import { explore, type NumberedPoint, type Way } from '../protocol/points.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import type { Direction } from './protocol-violation.ts'

/** A state as who watches a role sees it. */
export interface WatchedState {
  /** Whom it waits for or speaks to; empty at the end. */
  readonly peer: string
  readonly ways: readonly WatchedWay[]
}

export interface WatchedWay extends Way {
  readonly direction: Direction
  readonly peer: string
}

/** Nobody declares as many. */
const mostStates = 20_000

/**
 * The points of a local type, numbered alike, and behind them those in which something is still to come that was late: a
 * message of the step that was not waited for, at any time, before anything else of its sender.
 */
export function watchedStates(local: LocalType): WatchedState[] {
  const points = explore(local)
  // Few protocols have a delay: for the others this is what they are.
  if (!points.some(({ ways }) => ways.some((way) => way.late))) return points.map(plainState)
  const states: Owing[] = points.map((_point, at) => ({ at, owed: new Map() }))
  const numbers = new Map(states.map((state, number) => [keyOf(state), number]))
  const numberOf = (state: Owing): number => {
    const key = keyOf(state)
    const number = numbers.get(key) ?? states.push(state) - 1
    numbers.set(key, number)
    if (states.length > mostStates) {
      throw new ProtocolError(
        'too-large',
        `A role would have more than ${mostStates} states: too much may be late at once`,
      )
    }
    return number
  }
  const watched: WatchedState[] = []
  for (let state = states[0]; state; state = states[watched.length]) watched.push(stateOf(state, points, numberOf))
  return watched
}

/** A point, and of which peers something is owed, by the point at which it was late. */
interface Owing {
  readonly at: number
  readonly owed: ReadonlyMap<string, number>
}

function keyOf({ at, owed }: Owing): string {
  const all = [...owed].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([at, all])
}

function directionOf({ kind }: NumberedPoint): Direction {
  return kind === 'send' ? 'sent' : 'received'
}

function plainState(point: NumberedPoint): WatchedState {
  const { peer } = point
  return { peer, ways: point.ways.map((way) => ({ ...way, direction: directionOf(point), peer })) }
}

function stateOf({ at, owed }: Owing, points: readonly NumberedPoint[], numberOf: (state: Owing) => number) {
  const point = points[at] as NumberedPoint
  const { peer } = point
  const without = (other: string) => new Map([...owed].filter(([each]) => each !== other))
  const waits = point.kind === 'receive' && owed.has(peer)
  const ways = point.ways.flatMap((way): WatchedWay[] => {
    // What was late comes first; and nobody is late twice at a time.
    if (waits && !way.lost) return []
    const left = way.lost ? without(peer) : way.late ? new Map(owed).set(peer, at) : owed
    return [{ ...way, direction: directionOf(point), peer, to: numberOf({ at: way.to, owed: left }) }]
  })
  for (const [from, step] of owed) {
    for (const way of points[step]?.ways ?? []) {
      if (isUnsaid(way)) continue
      ways.push({ ...way, direction: 'received', peer: from, to: numberOf({ at, owed: without(from) }) })
    }
  }
  return { peer, ways }
}
