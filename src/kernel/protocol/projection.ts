import type { GlobalType } from './global-type.ts'
import { endType, type LocalBranch, type LocalType } from './local-type.ts'
import { formatConflict, merge } from './merge.ts'
import { ProtocolError } from './protocol-error.ts'

/**
 * What `role` does in a conversation of this global type (Honda, Yoshida, Carbone: Multiparty asynchronous session
 * types, with full merge). Throws a {@link ProtocolError} `unmergeable` where a choice between two others, which this
 * role is not told of, would have it act differently.
 */
export function project(global: GlobalType, role: string): LocalType {
  return new Projection(role).of(global, [])
}

class Projection {
  readonly #role: string
  /** Shared continuations are projected once for each set of loops that this role has not yet acted in. */
  readonly #known = new Map<GlobalType, Map<string, LocalType>>()

  constructor(role: string) {
    this.#role = role
  }

  /** `idle` names the loops around in which this role has not acted since their start. */
  of(global: GlobalType, idle: readonly string[]): LocalType {
    const key = idle.join(' ')
    const known = this.#known.get(global)?.get(key)
    if (known) return known
    const local = this.#compute(global, idle)
    this.#known.set(global, (this.#known.get(global) ?? new Map<string, LocalType>()).set(key, local))
    return local
  }

  #compute(global: GlobalType, idle: readonly string[]): LocalType {
    if (global.kind === 'end') return endType
    if (global.kind === 'var') return { kind: 'var', name: global.name }
    if (global.kind === 'mu') {
      const body = this.of(global.body, [...idle, global.name])
      if (body.kind === 'var' && body.name === global.name) return endType
      return mentions(body, global.name) ? { kind: 'mu', name: global.name, body } : body
    }
    if (global.from !== this.#role && global.to !== this.#role) return this.#bystander(global, idle)
    const branches: LocalBranch[] = global.branches.map(({ label, payload, next }) => ({
      label,
      payload,
      next: this.of(next, []),
    }))
    return global.from === this.#role
      ? { kind: 'send', to: global.to, branches }
      : { kind: 'receive', from: global.from, branches }
  }

  /**
   * A choice between two others. A branch that only begins an idle loop again asks nothing of this role: it goes on
   * waiting for what another branch will bring, so that branch alone counts (`μt.(t ⊓ T)` is `μt.T`).
   */
  #bystander(global: GlobalType & { kind: 'interaction' }, idle: readonly string[]): LocalType {
    const locals = global.branches.map((branch) => this.of(branch.next, idle))
    const waits = (local: LocalType) => local.kind === 'var' && idle.includes(local.name)
    const [first = locals[0], ...rest] = locals.filter((local) => !waits(local))
    return rest.reduce<LocalType>((sofar, local) => {
      const result = merge(sofar, local)
      if ('merged' in result) return result.merged
      throw new ProtocolError(
        'unmergeable',
        `${global.place}: role "${this.#role}" is not told which branch was taken, but ${formatConflict(result.conflict)}`,
      )
    }, first ?? endType)
  }
}

/** Whether `name` is free in a local type. Continuations are shared, so each is looked at once. */
function mentions(local: LocalType, name: string, seen = new Set<LocalType>()): boolean {
  if (seen.has(local)) return false
  seen.add(local)
  switch (local.kind) {
    case 'end':
      return false
    case 'var':
      return local.name === name
    case 'mu':
      return local.name !== name && mentions(local.body, name, seen)
    case 'send':
    case 'receive':
      return local.branches.some((branch) => mentions(branch.next, name, seen))
  }
}
