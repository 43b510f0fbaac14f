import type { LocalBranch, LocalType } from './local-type.ts'
import { emptyScope, type Point, type Scope, unfoldIfVarWithScope } from './unfold.ts'

/** What the only other role does when one does `local`: every send is a receive and the other way round. */
export function dual(local: LocalType, self: string, peer: string): LocalType {
  switch (local.kind) {
    case 'send':
      return { kind: 'receive', from: self, branches: dualBranches(local.branches, self, peer) }
    case 'receive':
      return { kind: 'send', to: self, branches: dualBranches(local.branches, self, peer) }
    case 'mu':
      return { ...local, body: dual(local.body, self, peer) }
    case 'var':
    case 'end':
      return local
  }
}

function dualBranches(branches: readonly LocalBranch[], self: string, peer: string): LocalBranch[] {
  return branches.map((branch) => ({ ...branch, next: dual(branch.next, self, peer) }))
}

/** Whether two local types are the same up to unfolding and the names of loops. */
export function sameLocal(left: LocalType, right: LocalType): boolean {
  return same({ local: left, scope: emptyScope }, { local: right, scope: emptyScope }, new Map())
}

/** Pairs under comparison count as equal when they are met again: the greatest relation that is closed (coinduction). */
function same(leftPoint: Point, rightPoint: Point, assumed: Map<LocalType, Set<LocalType>>): boolean {
  const { local: left, scope: leftScope } = unfoldIfVarWithScope(leftPoint)
  const { local: right, scope: rightScope } = unfoldIfVarWithScope(rightPoint)
  if (left.kind === 'end' || right.kind === 'end') return left.kind === right.kind
  if (left.kind === 'var' || right.kind === 'var') {
    return left.kind === 'var' && right.kind === 'var' && left.name === right.name
  }
  if (left.kind === 'mu' || right.kind === 'mu' || left.kind !== right.kind) return false
  if (partnerOf(left) !== partnerOf(right)) return false
  if (assumed.get(left)?.has(right)) return true
  assumed.set(left, (assumed.get(left) ?? new Set()).add(right))
  return sameBranches(left.branches, leftScope, right.branches, rightScope, assumed)
}

function sameBranches(
  left: readonly LocalBranch[],
  leftScope: Scope,
  right: readonly LocalBranch[],
  rightScope: Scope,
  assumed: Map<LocalType, Set<LocalType>>,
): boolean {
  if (left.length !== right.length) return false
  return left.every((branch) => {
    const other = right.find(({ label }) => label === branch.label)
    return (
      other !== undefined &&
      other.payload === branch.payload &&
      same({ local: branch.next, scope: leftScope }, { local: other.next, scope: rightScope }, assumed)
    )
  })
}

function partnerOf(local: LocalType & { kind: 'send' | 'receive' }): string {
  return local.kind === 'send' ? local.to : local.from
}
