import { FreeNames } from './free-names.ts'
import type { GlobalType } from './global-type.ts'
import { endType, type LocalBranch, type LocalType } from './local-type.ts'
import { formatConflict, Merging } from './merge.ts'
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
  readonly #free = new FreeNames()
  readonly #merging = new Merging()
  /** Shared continuations are projected once for each set of loops that this role has not yet acted in. */
  readonly #known = new Map<GlobalType, Map<string, LocalType>>()

  constructor(role: string) {
    this.#role = role
  }

  /** `idle` names the loops around in which this role has not acted since their start, outer ones first. */
  of(global: GlobalType, idle: readonly string[]): LocalType {
    const free = this.#free.of(global)
    const waiting = idle.filter((name) => free.has(name))
    const key = JSON.stringify(waiting)
    const known = this.#known.get(global)?.get(key)
    if (known) return known
    const local = this.#compute(global, waiting)
    this.#known.set(global, (this.#known.get(global) ?? new Map<string, LocalType>()).set(key, local))
    return local
  }

  #compute(global: GlobalType, idle: readonly string[]): LocalType {
    if (global.kind === 'end') return endType
    if (global.kind === 'var') return { kind: 'var', name: global.name }
    if (global.kind === 'mu') {
      const body = this.of(global.body, [...idle, global.name])
      if (body.kind === 'var' && body.name === global.name) return endType
      return this.#free.of(body).has(global.name) ? { kind: 'mu', name: global.name, body } : body
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
   * waiting for what another branch will bring, so that branch alone counts (`μt.(t ⊓ T)` is `μt.T`). Where all branches
   * do so, the outermost of their loops is the one that has the others in it.
   */
  #bystander(global: GlobalType & { kind: 'interaction' }, idle: readonly string[]): LocalType {
    const locals = global.branches.map((branch) => this.of(branch.next, idle))
    const depth = (local: LocalType) => (local.kind === 'var' ? idle.indexOf(local.name) : -1)
    const told = locals.filter((local) => depth(local) < 0)
    const [first = endType, ...rest] =
      told.length > 0 ? told : locals.toSorted((a, b) => depth(a) - depth(b)).slice(0, 1)
    return rest.reduce<LocalType>((sofar, local) => {
      const result = this.#merging.of(sofar, local)
      if ('merged' in result) return result.merged
      throw new ProtocolError(
        'unmergeable',
        `${global.place}: role "${this.#role}" is not told which branch was taken, but ${formatConflict(result.conflict)}`,
      )
    }, first)
  }
}
