import type { LocalType } from './local-type.ts'
import type { Schema } from './schema.ts'
import { emptyScope, type Point, unfoldIfVarWithScope } from './unfold.ts'

/** A point of a local type as a state of an automaton; its ways lead to other points by their numbers. */
export interface NumberedPoint {
  readonly kind: 'send' | 'receive' | 'end'
  /** Whom it sends to or receives from; empty at the end. */
  readonly peer: string
  readonly ways: readonly Way[]
}

export interface Way {
  readonly label: string
  readonly payload: Schema<unknown>
  readonly to: number
}

/** All points that a closed local type can reach; number 0 is the start. */
export function explore(local: LocalType): NumberedPoint[] {
  const points: Point[] = []
  const numbers = new Map<string, number>()
  const names = new Names()
  const numberOf = (point: Point): number => {
    const unfolded = unfoldIfVarWithScope(point)
    const name = names.of(unfolded)
    const number = numbers.get(name) ?? points.push(unfolded) - 1
    numbers.set(name, number)
    return number
  }
  numberOf({ local, scope: emptyScope })
  const numbered: NumberedPoint[] = []
  for (let at = points[0]; at; at = points[numbered.length]) {
    const { local: action, scope } = at
    if (action.kind !== 'send' && action.kind !== 'receive') {
      numbered.push({ kind: 'end', peer: '', ways: [] })
      continue
    }
    const ways = action.branches.map(({ label, payload, next }) => ({
      label,
      payload,
      to: numberOf({ local: next, scope }),
    }))
    numbered.push({ kind: action.kind, peer: action.kind === 'send' ? action.to : action.from, ways })
  }
  return numbered
}

/** Gives equal names to equal points: the same piece of the type under the same open loops. */
class Names {
  readonly #numbers = new Map<LocalType, number>()

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
