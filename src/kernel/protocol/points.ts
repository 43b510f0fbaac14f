import { FreeNames } from './free-names.ts'
import type { LocalType } from './local-type.ts'
import type { Lateness, Loss } from './notation.ts'
import { ProtocolError } from './protocol-error.ts'
import type { Schema } from './schema.ts'
import { type Binding, emptyScope, type Point, unfoldIfVarWithScope } from './unfold.ts'

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
  /** There when it is not received, but taken when the peer is lost. */
  readonly lost?: Loss
  /** There when it is not received, but taken when the message is late. */
  readonly late?: Lateness
}

/**
 * All points that a local type can reach; number 0 is the start. Throws a {@link ProtocolError} for a jump that leads to
 * no action: `unbound-loop`, `unguarded-loop`.
 */
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
  for (let at = points[0]; at; at = points[numbered.length]) numbered.push(numberedPoint(at, numberOf))
  return numbered
}

function numberedPoint({ local, scope }: Point, numberOf: (point: Point) => number): NumberedPoint {
  if (local.kind === 'mu' || local.kind === 'end') return { kind: 'end', peer: '', ways: [] }
  if (local.kind === 'var') {
    const [code, why] = scope.has(local.name)
      ? (['unguarded-loop', 'begins again before anything is said'] as const)
      : (['unbound-loop', 'is not around it'] as const)
    throw new ProtocolError(code, `A local type jumps to loop "${local.name}", which ${why}`)
  }
  const ways = local.branches.map(({ next, ...branch }) => ({
    ...branch,
    to: numberOf({ local: next, scope }),
  }))
  return { kind: local.kind, peer: local.kind === 'send' ? local.to : local.from, ways }
}

/** Gives equal names to equal points: the same piece of a type, whose jumps lead to the same loops. */
class Names {
  readonly #free = new FreeNames()
  readonly #numbers = new Map<unknown, number>()
  readonly #bindings = new Map<Binding, number>()

  of({ local, scope }: Point): string {
    if (local.kind === 'end') return 'end'
    const loops = [...this.#free.of(local)].map((name) => this.#binding(scope.get(name)))
    return [this.#number(local), ...loops].join(' ')
  }

  #binding(binding: Binding | undefined): number {
    if (!binding) return -1
    const number = this.#bindings.get(binding) ?? this.#number(this.of({ local: binding.mu, scope: binding.outside }))
    this.#bindings.set(binding, number)
    return number
  }

  #number(thing: LocalType | string): number {
    const number = this.#numbers.get(thing) ?? this.#numbers.size
    this.#numbers.set(thing, number)
    return number
  }
}
