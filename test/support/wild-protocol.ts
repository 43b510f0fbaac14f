import * as fc from './fast-check.ts'
import { type GlobalType, lower } from '../../src/kernel/protocol/global-type.ts'
import type { Branch, Step } from '../../src/kernel/protocol/notation.ts'
import { type Protocol, protocol } from '../../src/kernel/protocol/protocol.ts'
import { ProtocolError } from '../../src/kernel/protocol/protocol-error.ts'
import { nothing } from '../../src/kernel/protocol/schema.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'

/**
 * Protocols of two to four roles as chance has them, of which those are kept that project: bystanders of nested loops,
 * jumps out of inner loops, one label in many places, loops of one name. Some never end.
 */
export function wildProtocol(): fc.Arbitrary<Protocol> {
  return fc.nat().map((seed) => {
    const random = seededRandom(seed)
    for (;;) {
      const found = tryOne(random)
      if (found) return found
    }
  })
}

/** What was declared as chance has it and does not project, with the reason. */
export function refusedProtocol(): fc.Arbitrary<RefusedProtocol> {
  return fc.nat().map((seed) => {
    const random = seededRandom(seed)
    for (;;) {
      const { roles, steps } = declareOne(random)
      try {
        protocol('wild', roles, steps)
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        if (error.code === 'unmergeable') return { global: lower(steps, 'wild'), error }
      }
    }
  })
}

export interface RefusedProtocol {
  readonly global: GlobalType
  readonly error: ProtocolError
}

function declareOne(random: () => number): { readonly roles: readonly string[]; readonly steps: readonly Step[] } {
  const steps = new Wild(random).body(6, [])
  return { roles: ['a', 'b', 'c', 'd'].filter((role) => JSON.stringify(steps).includes(`"${role}"`)), steps }
}

function tryOne(random: () => number): Protocol | undefined {
  const { roles, steps } = declareOne(random)
  try {
    return protocol('wild', roles, steps)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

class Wild {
  readonly #pick: (below: number) => number
  readonly #roles: readonly string[]
  #labels = 0

  constructor(random: () => number) {
    this.#pick = (below) => Math.floor(random() * below)
    this.#roles = ['a', 'b', 'c', 'd'].slice(0, 2 + this.#pick(3))
  }

  body(depth: number, loops: readonly string[]): Step[] {
    const steps: Step[] = []
    for (let left = this.#pick(4); left > 0; left--) {
      const kind = depth > 0 ? this.#pick(5) : 0
      const name = `x${this.#pick(4)}`
      if (kind <= 1) steps.push(this.#choice(1, 0, []).step)
      else if (kind <= 3) {
        const { step, falls } = this.#choice(1 + this.#pick(3), depth - 1, loops)
        steps.push(step)
        if (!falls) break
      } else if (!loops.includes(name)) {
        steps.push({ kind: 'loop', name, body: this.body(depth - 1, [...loops, name]) })
      }
    }
    return steps
  }

  #choice(ways: number, depth: number, loops: readonly string[]): { step: Step; falls: boolean } {
    const from = this.#pick(this.#roles.length)
    const to = (from + 1 + this.#pick(this.#roles.length - 1)) % this.#roles.length
    const branches: Record<string, Branch> = {}
    let falls = false
    for (let way = 0; way < ways; way++) {
      const jumps = loops.length > 0 && this.#pick(3) === 0
      const body = depth > 0 ? this.body(depth, loops) : []
      const again: Step[] = jumps ? [{ kind: 'again', name: loops[this.#pick(loops.length)] ?? '' }] : []
      branches[this.#label()] = { payload: nothing, body: [...body, ...again] }
      falls ||= !jumps
    }
    return { step: { kind: 'choice', from: this.#roles[from] ?? '', to: this.#roles[to] ?? '', branches }, falls }
  }

  #label(): string {
    return this.#pick(3) === 0 ? `m${this.#pick(3)}` : `u${this.#labels++}`
  }
}
