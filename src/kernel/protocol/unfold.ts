import type { LocalType, MuType } from './local-type.ts'

/**
 * The loops that are open at a point of a local type. Each name stands for a loop together with the loops that were open
 * in front of it: this is what lets an outer name inside an inner loop resolve to the outer body.
 */
export type Scope = ReadonlyMap<string, Binding>

export interface Binding {
  readonly mu: MuType
  readonly outside: Scope
}

export const emptyScope: Scope = new Map()

/** A point in a conversation: a local type whose free names are those of `scope`. */
export interface Point {
  readonly local: LocalType
  readonly scope: Scope
}

/** `μt.T` becomes `T` with `t` open; every other type stays as it is. Repeats until no μ is left in front. */
export function unfoldMu(point: Point): Point {
  let at = point
  while (at.local.kind === 'mu') {
    const { local: mu, scope: outside } = at
    at = { local: mu.body, scope: new Map(outside).set(mu.name, { mu, outside }) }
  }
  return at
}

/**
 * A name becomes the body of the loop that `scope` holds for it; loops opened inside that one are closed. The result is
 * never a μ, and a name only where nothing can be done: one that nobody bound, or the name of a loop in which nothing is
 * said before it begins again.
 */
export function unfoldIfVarWithScope(point: Point): Point {
  let at = unfoldMu(point)
  for (let tried: Set<MuType> | undefined; at.local.kind === 'var';) {
    const target = at.scope.get(at.local.name)
    if (!target || tried?.has(target.mu)) return at
    tried = (tried ?? new Set()).add(target.mu)
    at = unfoldMu({ local: target.mu, scope: target.outside })
  }
  return at
}
