import { formatLocal, type LocalBranch, type LocalType } from './local-type.ts'

/** Two behaviours that a role would have to tell apart without being told. */
export interface Unmergeable {
  readonly left: LocalType
  readonly right: LocalType
  readonly why: string
}

/** The one behaviour that is right in both branches of a choice this role does not see, or why there is none. */
export type Merged = { readonly merged: LocalType } | { readonly conflict: Unmergeable }

/**
 * Full merge: external choices from one sender are united, and where both have a label its continuations are merged;
 * everything else has to be the same in both. Each pair of shared continuations is merged once.
 */
export class Merging {
  readonly #known = new Map<LocalType, Map<LocalType, Merged>>()

  of(left: LocalType, right: LocalType): Merged {
    if (left === right) return { merged: left }
    const known = this.#known.get(left)?.get(right)
    if (known) return known
    const result = this.#merge(left, right)
    this.#known.set(left, (this.#known.get(left) ?? new Map<LocalType, Merged>()).set(right, result))
    return result
  }

  #merge(left: LocalType, right: LocalType): Merged {
    if (left.kind === 'end' && right.kind === 'end') return { merged: left }
    if (left.kind === 'var' && right.kind === 'var' && left.name === right.name) return { merged: left }
    if (left.kind === 'mu' && right.kind === 'mu' && left.name === right.name) {
      const body = this.of(left.body, right.body)
      return 'conflict' in body ? body : { merged: { ...left, body: body.merged } }
    }
    if (left.kind === 'receive' && right.kind === 'receive' && left.from === right.from) {
      const branches = this.#branches(left.branches, right.branches)
      return 'conflict' in branches ? branches : { merged: { ...left, branches: branches.merged } }
    }
    if (left.kind === 'send' && right.kind === 'send' && left.to === right.to) {
      const missing = labelsOnlyInOne(left.branches, right.branches)
      if (missing !== undefined) return conflict(left, right, `it may send "${missing}" in only one of them`)
      const branches = this.#branches(left.branches, right.branches)
      return 'conflict' in branches ? branches : { merged: { ...left, branches: branches.merged } }
    }
    return conflict(left, right, 'it would have to act differently')
  }

  #branches(left: readonly LocalBranch[], right: readonly LocalBranch[]): MergedBranches {
    const merged = new Map(left.map((branch) => [branch.label, branch]))
    for (const branch of right) {
      const same = merged.get(branch.label)
      if (!same) {
        merged.set(branch.label, branch)
        continue
      }
      if (same.payload !== branch.payload) {
        return conflict(same.next, branch.next, `"${branch.label}" would carry two different payloads`)
      }
      const next = this.of(same.next, branch.next)
      if ('conflict' in next) return next
      merged.set(branch.label, { ...same, next: next.merged })
    }
    return { merged: [...merged.values()] }
  }
}

type MergedBranches = { readonly merged: readonly LocalBranch[] } | { readonly conflict: Unmergeable }

function labelsOnlyInOne(left: readonly LocalBranch[], right: readonly LocalBranch[]): string | undefined {
  return [...labelsOf(left).symmetricDifference(labelsOf(right))][0]
}

function labelsOf(branches: readonly LocalBranch[]): Set<string> {
  return new Set(branches.map((branch) => branch.label))
}

function conflict(left: LocalType, right: LocalType, why: string): { conflict: Unmergeable } {
  return { conflict: { left, right, why } }
}

/** The conflict as a sentence part for an error message. */
export function formatConflict({ left, right, why }: Unmergeable): string {
  return `${why}: ${formatLocal(left)} or ${formatLocal(right)}`
}
