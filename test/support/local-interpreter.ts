import type { LocalType, MuType } from '../../src/kernel/protocol/local-type.ts'

/**
 * Local types read as the textbook defines them, `μt.T = T[μt.T/t]`, without scopes and tables: what those have to agree
 * with. Types are closed and their loops say something.
 */
export interface Action {
  readonly kind: 'send' | 'receive' | 'end'
  readonly peer: string
  /** Label -> the type behind it. */
  readonly ways: ReadonlyMap<string, LocalType>
}

export function actionOf(local: LocalType): Action {
  let at = local
  while (at.kind === 'mu') at = substitute(at.body, at, new Map())
  if (at.kind !== 'send' && at.kind !== 'receive') return { kind: 'end', peer: '', ways: new Map() }
  const ways = new Map(at.branches.map(({ label, next }) => [label, next]))
  return { kind: at.kind, peer: at.kind === 'send' ? at.to : at.from, ways }
}

/** Puts `mu` where its name is free; what is shared stays shared. */
function substitute(local: LocalType, mu: MuType, known: Map<LocalType, LocalType>): LocalType {
  const done = known.get(local)
  if (done) return done
  const result = compute()
  known.set(local, result)
  return result

  function compute(): LocalType {
    switch (local.kind) {
      case 'end':
        return local
      case 'var':
        return local.name === mu.name ? mu : local
      case 'mu':
        return local.name === mu.name ? local : { ...local, body: substitute(local.body, mu, known) }
      default:
        return {
          ...local,
          branches: local.branches.map((branch) => ({ ...branch, next: substitute(branch.next, mu, known) })),
        }
    }
  }
}
