import type { LocalBranch, LocalType } from './local-type.ts'
import { explore } from './points.ts'

/** What the only other role does when `self` does `local`: every send is a receive and the other way round. */
export function dual(local: LocalType, self: string): LocalType {
  const known = new Map<LocalType, LocalType>()
  const dualOf = (type: LocalType): LocalType => {
    const result = known.get(type) ?? turn(type)
    known.set(type, result)
    return result
  }
  const turn = (type: LocalType): LocalType => {
    switch (type.kind) {
      case 'send':
        return { kind: 'receive', from: self, branches: type.branches.map(dualBranch) }
      case 'receive':
        return { kind: 'send', to: self, branches: type.branches.map(dualBranch) }
      case 'mu':
        return { ...type, body: dualOf(type.body) }
      case 'var':
      case 'end':
        return type
    }
  }
  const dualBranch = (branch: LocalBranch): LocalBranch => ({ ...branch, next: dualOf(branch.next) })
  return dualOf(local)
}

/** Whether two local types are the same up to unfolding, the names of loops and the order of branches. */
export function sameLocal(left: LocalType, right: LocalType): boolean {
  const lefts = explore(left)
  const rights = explore(right)
  // Pairs under comparison count as equal when they are met again: the greatest such relation (coinduction).
  const assumed = new Set<number>()
  const same = (leftAt: number, rightAt: number): boolean => {
    const pair = leftAt * rights.length + rightAt
    if (assumed.has(pair)) return true
    assumed.add(pair)
    const one = lefts[leftAt]
    const other = rights[rightAt]
    if (!one || !other || one.kind !== other.kind || one.peer !== other.peer) return false
    if (one.ways.length !== other.ways.length) return false
    return one.ways.every(({ label, payload, to }) => {
      const way = other.ways.find((each) => each.label === label)
      return way !== undefined && way.payload === payload && same(to, way.to)
    })
  }
  return same(0, 0)
}
