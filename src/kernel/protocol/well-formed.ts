import { placeOf } from './global-type.ts'
import type { Body, Branch, Choice, Loop, Step } from './notation.ts'
import { ProtocolError } from './protocol-error.ts'
import { isSchema } from './schema.ts'

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
  return typeof name === 'string' && name !== '' && !name.includes('->')
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
  #depth = 0

  constructor(roles: ReadonlySet<string>) {
    this.#roles = roles
  }

  /** Checks a body that is entered with `scope`. */
  body(body: Body, place: string, scope: Scope): Passage {
    if (!Array.isArray(body)) {
      throw new ProtocolError(
        'malformed-step',
        `${place}: a body is an array of steps, [message(...)], got ${nameOf(body)}`,
      )
    }
    if (++this.#depth > mostNested) {
      throw new ProtocolError(
        'too-deep',
        `${place.slice(0, 200)}…: more than ${mostNested} loops and branches in one another`,
      )
    }
    const passage = this.#steps(body, place, scope)
    this.#depth--
    return passage
  }

  #steps(body: Body, place: string, scope: Scope): Passage {
    let at = scope
    let falls = true
    for (const [index, step] of body.entries()) {
      checkStep(step, `${place} / step ${index + 1}`)
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
    const branches = branchesOf(step.branches, place)
    if (branches.length === 0) throw new ProtocolError('empty-choice', `${place}: there is nothing to choose from`)
    const after: Scope = new Map([...scope.keys()].map((name) => [name, 'guarded'] as const))
    let falls = false
    for (const [label, branch] of branches) {
      falls = this.body(branch.body, `${place} / ${label}`, after).falls || falls
    }
    return { falls, scope: after }
  }
}

/** Loops and branches in one another; nobody writes as many, and each is a call deep. */
const mostNested = 200

/** Throws `malformed-step` for what is none: a declaration may be written in JavaScript, or against the compiler. */
function checkStep(step: unknown, place: string): void {
  const kinds = ['choice', 'loop', 'again']
  if (isRecord(step) && kinds.includes(String(step['kind']))) return
  const what = Array.isArray(step) ? 'an array: leave the inner brackets out' : nameOf(step)
  throw new ProtocolError('malformed-step', `${place}: a step is message(), choice(), loop() or again(), got ${what}`)
}

/** The branches of a choice. Throws `malformed-step` and `malformed-payload` for what would be dropped or fail later. */
function branchesOf(branches: unknown, place: string): [label: string, branch: Branch][] {
  if (!isRecord(branches)) throw new ProtocolError('malformed-step', `${place}: its branches are ${nameOf(branches)}`)
  const prototype: unknown = Object.getPrototypeOf(branches)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new ProtocolError(
      'malformed-step',
      `${place}: its branches have a prototype of their own; a label "__proto__" is written ['__proto__']`,
    )
  }
  const [symbol] = Object.getOwnPropertySymbols(branches)
  if (symbol !== undefined) {
    throw new ProtocolError('malformed-step', `${place}: a label is text, got ${String(symbol)}`)
  }
  const labels = Object.getOwnPropertyNames(branches)
  const hidden = labels.find((label) => !Object.prototype.propertyIsEnumerable.call(branches, label))
  if (hidden !== undefined) throw new ProtocolError('malformed-step', `${place}: label "${hidden}" is not enumerable`)
  return labels.map((label) => [label, branchOf(branches[label], `${place} / ${label}`)])
}

function branchOf(branch: unknown, place: string): Branch {
  if (Array.isArray(branch)) {
    throw new ProtocolError('malformed-step', `${place}: a branch is written branch([...]), got an array alone`)
  }
  if (!isRecord(branch) || !('body' in branch)) {
    throw new ProtocolError('malformed-step', `${place}: a branch is written branch(), got ${nameOf(branch)}`)
  }
  if (!isSchema(branch['payload'])) {
    throw new ProtocolError(
      'malformed-payload',
      `${place}: its payload has no schema that follows Standard Schema, but ${nameOf(branch['payload'])}`,
    )
  }
  return branch as unknown as Branch
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function nameOf(value: unknown): string {
  if (typeof value === 'function') return `the function ${value.name}`
  if (!isRecord(value)) return String(value)
  return typeof value['kind'] === 'string' ? `one ${value['kind']} without the array around it` : 'an object'
}

function listOf(names: Iterable<string>): string {
  const quoted = [...names].map((name) => `"${name}"`)
  return quoted.length > 0 ? quoted.join(', ') : 'none'
}
