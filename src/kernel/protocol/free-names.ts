import type { GlobalType } from './global-type.ts'
import type { LocalType } from './local-type.ts'

type Recursive = GlobalType | LocalType

const none: ReadonlySet<string> = new Set()

/** The loops that a type jumps to and does not hold itself, each piece looked at once however often it is shared. */
export class FreeNames {
  readonly #known = new Map<Recursive, ReadonlySet<string>>()

  of(type: Recursive): ReadonlySet<string> {
    // What a type is made of comes before it: types may be longer than the stack is deep.
    const stack = [type]
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const unknown = this.#known.has(top) ? [] : partsOf(top).filter((part) => !this.#known.has(part))
      if (unknown.length > 0) {
        for (const part of unknown) stack.push(part)
        continue
      }
      if (!this.#known.has(top)) this.#known.set(top, this.#compute(top))
      stack.pop()
    }
    return this.#known.get(type) ?? none
  }

  #compute(type: Recursive): ReadonlySet<string> {
    const names = new Set(partsOf(type).flatMap((part) => [...(this.#known.get(part) ?? none)]))
    if (type.kind === 'var') names.add(type.name)
    if (type.kind === 'mu') names.delete(type.name)
    return names
  }
}

function partsOf(type: Recursive): readonly Recursive[] {
  if (type.kind === 'end' || type.kind === 'var') return []
  return type.kind === 'mu' ? [type.body] : type.branches.map((branch) => branch.next)
}
