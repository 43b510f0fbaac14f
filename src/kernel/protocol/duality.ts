import { call, type Deep, run } from './deep.ts'
import { isUnsaid, type LocalBranch, type LocalType } from './local-type.ts'
import { explore } from './points.ts'

/**
 * What the only other role does when `self` does `local`: every send is a receive and the other way round. What `self` does without
 * the other has no counterpart; of a type with a `late` branch this is the half in which nothing is.
 */
export function dual(local: LocalType, self: string): LocalType {
  const known = new Map<LocalType, LocalType>()
  function* dualOf(type: LocalType): Deep<LocalType> {
    const result = known.get(type) ?? (yield* turn(type))
    known.set(type, result)
    return result
  }
  function* turn(type: LocalType): Deep<LocalType> {
    if (type.kind === 'var' || type.kind === 'end') return type
    if (type.kind === 'mu') return { ...type, body: yield* call(dualOf(type.body)) }
    const branches: LocalBranch[] = []
    for (const branch of type.branches) {
      if (!isUnsaid(branch)) branches.push({ ...branch, next: yield* call(dualOf(branch.next)) })
    }
    return type.kind === 'send' ? { kind: 'receive', from: self, branches } : { kind: 'send', to: self, branches }
  }
  return run(dualOf(local))
}

/** Whether two local types are the same up to unfolding, the names of loops and the order of branches. */
export function sameLocal(left: LocalType, right: LocalType): boolean {
  const lefts = explore(left)
  const rights = explore(right)
  // Pairs count as equal when they are met again: the greatest such relation (coinduction). A set grows while gone through.
  const pairs = new Set([0])
  for (const pair of pairs) {
    const one = lefts[Math.floor(pair / rights.length)]
    const other = rights[pair % rights.length]
    if (!one || !other || one.kind !== other.kind || one.peer !== other.peer) return false
    if (one.ways.length !== other.ways.length) return false
    for (const { label, payload, to, lost, late } of one.ways) {
      const way = other.ways.find((each) => each.label === label)
      if (!way || way.payload !== payload) return false
      if (way.lost?.afterMs !== lost?.afterMs || way.late?.afterMs !== late?.afterMs) return false
      if (isUnsaid(way) !== (lost !== undefined || late !== undefined)) return false
      pairs.add(to * rights.length + way.to)
    }
  }
  return true
}
