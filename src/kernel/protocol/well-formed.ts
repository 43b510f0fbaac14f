import { placeOf } from './global-type.ts'
import type { Body, Choice, Loop, Step } from './notation.ts'
import { ProtocolError } from './protocol-error.ts'

/** Throws a {@link ProtocolError} for the first thing in a declaration that no projection is needed to see. */
export function checkWellFormed(name: string, roles: readonly string[], body: Body): void {
  checkRoles(name, roles)
  const walk = new Walk(new Set(roles))
  walk.body(body, name, new Map())
  for (const role of roles) {
    if (!walk.active.has(role)) {
      throw new ProtocolError('idle-role', `${name}: role "${role}" never sends or receives; leave it out`)
    }
  }
}

/** Roles are named so that `from->to` names one edge only. */
export function isRoleName(name: string): boolean {
  return name !== '' && !name.includes('->')
}

function checkRoles(name: string, roles: readonly string[]): void {
  if (roles.length < 2)
    throw new ProtocolError('too-few-roles', `${name}: a conversation needs two roles, got ${roles.length}`)
  const malformed = roles.find((role) => !isRoleName(role))
  if (malformed !== undefined) {
    throw new ProtocolError('malformed-role', `${name}: "${malformed}" names no role: it is empty or has "->" in it`)
  }
  const twice = roles.find((role, index) => roles.indexOf(role) !== index)
  if (twice !== undefined) throw new ProtocolError('duplicate-role', `${name}: role "${twice}" is declared twice`)
}

/** The loops around a step, each with whether a message has gone by since its start. */
type Scope = ReadonlyMap<string, 'bare' | 'guarded'>

/** Whether the end of what was walked can be reached, and the loops as they stand there. */
interface Passage {
  readonly falls: boolean
  readonly scope: Scope
}

class Walk {
  readonly active = new Set<string>()
  readonly #roles: ReadonlySet<string>

  constructor(roles: ReadonlySet<string>) {
    this.#roles = roles
  }

  /** Checks a body that is entered with `scope`. */
  body(body: Body, place: string, scope: Scope): Passage {
    let at = scope
    let falls = true
    for (const step of body) {
      if (!falls) {
        throw new ProtocolError(
          'unreachable',
          `${placeOf(place, step)}: nothing leads here, every way before it jumps back`,
        )
      }
      ;({ falls, scope: at } = this.#step(step, place, at))
    }
    return { falls, scope: at }
  }

  #step(step: Step, outer: string, scope: Scope): Passage {
    const place = placeOf(outer, step)
    switch (step.kind) {
      case 'again': {
        const target = scope.get(step.name)
        if (!target) {
          throw new ProtocolError(
            'unbound-loop',
            `${place}: it is in no loop "${step.name}", but in ${listOf(scope.keys())}`,
          )
        }
        if (target === 'bare') {
          throw new ProtocolError(
            'unguarded-loop',
            `${place}: loop "${step.name}" would begin again before any message was sent`,
          )
        }
        return { falls: false, scope }
      }
      case 'loop':
        return this.#loop(step, place, scope)
      case 'choice':
        return this.#choice(step, place, scope)
    }
  }

  #loop(step: Loop, place: string, scope: Scope): Passage {
    if (scope.has(step.name)) {
      throw new ProtocolError(
        'shadowed-loop',
        `${place}: it is inside another loop "${step.name}"; give it a name of its own`,
      )
    }
    const inner = this.body(step.body, place, new Map(scope).set(step.name, 'bare'))
    const scopeAfter = new Map(inner.scope)
    scopeAfter.delete(step.name)
    return { falls: inner.falls, scope: scopeAfter }
  }

  #choice(step: Choice, place: string, scope: Scope): Passage {
    for (const role of [step.from, step.to]) {
      if (!this.#roles.has(role)) {
        throw new ProtocolError('unknown-role', `${place}: role "${role}" is not declared, only ${listOf(this.#roles)}`)
      }
      this.active.add(role)
    }
    if (step.from === step.to) throw new ProtocolError('self-message', `${place}: "${step.from}" would send to itself`)
    const branches = Object.entries(step.branches)
    if (branches.length === 0) throw new ProtocolError('empty-choice', `${place}: there is nothing to choose from`)
    const after: Scope = new Map([...scope.keys()].map((name) => [name, 'guarded'] as const))
    let falls = false
    for (const [label, branch] of branches) {
      falls = this.body(branch.body, `${place} / ${label}`, after).falls || falls
    }
    return { falls, scope: after }
  }
}

function listOf(names: Iterable<string>): string {
  const quoted = [...names].map((name) => `"${name}"`)
  return quoted.length > 0 ? quoted.join(', ') : 'none'
}
