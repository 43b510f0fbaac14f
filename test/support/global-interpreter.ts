import type { GlobalType } from '../../src/kernel/protocol/global-type.ts'

type Mu = GlobalType & { readonly kind: 'mu' }
type Interaction = GlobalType & { readonly kind: 'interaction' }

/** A global type read as the textbook defines it, `μt.G = G[μt.G/t]`: a message or the end in front. */
export function opened(global: GlobalType): GlobalType {
  let at = global
  while (at.kind === 'mu') at = substitute(at.body, at, new Map())
  return at
}

/** Where the messages of a run lead, `a->b:label` each. Throws for one that the type does not have. */
export function follow(global: GlobalType, run: readonly string[]): GlobalType {
  return run.reduce((type, message) => {
    const at = opened(type)
    const branch =
      at.kind === 'interaction'
        ? at.branches.find(({ label }) => message === `${at.from}->${at.to}:${label}`)
        : undefined
    if (!branch) throw new Error(`There is no ${message} here`)
    return branch.next
  }, global)
}

/** Whether `role` sends or receives in anything that may still come. */
export function mayAct(global: GlobalType, role: string): boolean {
  const seen = new Set<GlobalType>([global])
  for (const type of seen) {
    if (type.kind === 'mu') seen.add(type.body)
    if (type.kind !== 'interaction') continue
    if (isOf(type, role)) return true
    for (const { next } of type.branches) seen.add(next)
  }
  return false
}

export function isOf({ from, to }: Interaction, role: string): boolean {
  return from === role || to === role
}

function substitute(global: GlobalType, mu: Mu, known: Map<GlobalType, GlobalType>): GlobalType {
  const result = known.get(global) ?? replace()
  known.set(global, result)
  return result

  function replace(): GlobalType {
    if (global.kind === 'end') return global
    if (global.kind === 'var') return global.name === mu.name ? mu : global
    if (global.kind === 'mu')
      return global.name === mu.name ? global : { ...global, body: substitute(global.body, mu, known) }
    return {
      ...global,
      branches: global.branches.map((branch) => ({ ...branch, next: substitute(branch.next, mu, known) })),
    }
  }
}
