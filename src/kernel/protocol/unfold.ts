import type { LocalType, MuType } from './local-type.ts'

/**
 * The loops that are open at a point of a local type: each name with the μ it stands for, inner loops last. It is what
 * lets an outer name inside an inner loop resolve to the outer body.
 */
export type Scope = ReadonlyMap<string, MuType>

export const emptyScope: Scope = new Map()

/** A point in a conversation: a local type whose free names are those of `scope`. */
export interface Point {
  readonly local: LocalType
  readonly scope: Scope
}

/** `μt.T` becomes `T` with `t` open; every other type stays as it is. Repeats until no μ is left in front. */
export function unfoldMu(point: Point): Point {
  let { local, scope } = point
  while (local.kind === 'mu') {
    scope = new Map(scope).set(local.name, local)
    local = local.body
  }
  return { local, scope }
}

/** A name becomes the body of its loop, `original` being the whole type that the endpoint was opened with. */
export function unfoldIfVar(local: LocalType, original: LocalType): LocalType {
  if (local.kind !== 'var') return local
  const target = findMu(original, local.name)
  return target ? target.body : local
}

/**
 * A name becomes the body of the loop that `scope` holds for it; loops opened inside that one are closed. An unbound
 * name stays as it is. The result is never a μ or a bound name.
 */
export function unfoldIfVarWithScope(point: Point): Point {
  let at = unfoldMu(point)
  while (at.local.kind === 'var') {
    const target = at.scope.get(at.local.name)
    if (!target) return at
    at = unfoldMu({ local: target, scope: scopeOutside(at.scope, target.name) })
  }
  return at
}

/** The scope as it is in front of the loop `name`: neither it nor anything opened after it. */
function scopeOutside(scope: Scope, name: string): Scope {
  const outside = new Map<string, MuType>()
  for (const [open, mu] of scope) {
    if (open === name) break
    outside.set(open, mu)
  }
  return outside
}

function findMu(local: LocalType, name: string, seen = new Set<LocalType>()): MuType | undefined {
  if (seen.has(local)) return undefined
  seen.add(local)
  if (local.kind === 'mu') return local.name === name ? local : findMu(local.body, name, seen)
  if (local.kind !== 'send' && local.kind !== 'receive') return undefined
  for (const branch of local.branches) {
    const found = findMu(branch.next, name, seen)
    if (found) return found
  }
  return undefined
}
