import type { GlobalType } from './global-type.ts'
import type { LocalType } from './local-type.ts'

type Recursive = GlobalType | LocalType

/** The loops that a type jumps to and does not hold itself, each piece looked at once however often it is shared. */
export class FreeNames {
  readonly #known = new Map<Recursive, ReadonlySet<string>>()

  of(type: Recursive): ReadonlySet<string> {
    const known = this.#known.get(type)
    if (known) return known
    const names = this.#compute(type)
    this.#known.set(type, names)
    return names
  }

  #compute(type: Recursive): ReadonlySet<string> {
    switch (type.kind) {
      case 'end':
        return new Set()
      case 'var':
        return new Set([type.name])
      case 'mu':
        return this.of(type.body).difference(new Set([type.name]))
      default:
        return new Set(type.branches.flatMap((branch) => [...this.of(branch.next)]))
    }
  }
}
