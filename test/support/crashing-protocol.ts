import * as fc from './fast-check.ts'
import { type Body, type Branch, late, lost, type Step } from '../../src/kernel/protocol/notation.ts'
import { type Protocol, protocol } from '../../src/kernel/protocol/protocol.ts'
import { ProtocolError } from '../../src/kernel/protocol/protocol-error.ts'
import { nothing } from '../../src/kernel/protocol/schema.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'

/** The role that may be lost: every step in which it speaks has a branch for that, and some a time limit. */
export const mortal = 'a'

/**
 * Protocols of two to four roles as chance has them that project, in which one role may be lost at any time, and what anybody says
 * may be late.
 */
export function crashingProtocol(): fc.Arbitrary<Protocol> {
  return fc.nat().map((seed) => {
    const random = seededRandom(seed)
    for (;;) {
      const found = tryOne((below) => Math.floor(random() * below))
      if (found) return found
    }
  })
}

function tryOne(pick: (below: number) => number): Protocol | undefined {
  const roles = ['a', 'b', 'c', 'd'].slice(0, 2 + pick(3))
  let labels = 0
  const one = (from: string, to: string): Step =>
    branching(from, to, { [`m${labels++}`]: { payload: nothing, body: [] } })
  const branching = (from: string, to: string, branches: Record<string, Branch>): Step => ({
    kind: 'choice',
    from,
    to,
    branches,
  })
  /** Ends every way in the end or a jump, so that a role that is lost does not come again behind it. */
  const ways = (among: readonly string[], depth: number, loops: readonly string[]): Body => {
    if (depth === 0 || among.length < 2) {
      const loop = loops[pick(loops.length + 1)]
      return loop === undefined ? [] : [{ kind: 'again', name: loop }]
    }
    if (pick(4) === 0) {
      const name = `x${labels++}`
      return [{ kind: 'loop', name, body: ways(among, depth - 1, [...loops, name]) }]
    }
    const from = among[pick(among.length)] ?? ''
    const others = among.filter((role) => role !== from)
    const to = others[pick(others.length)] ?? ''
    // Who may be lost tells nobody else: that would be a step without a branch for it.
    const teller = to === mortal ? from : to
    const mayBeLate = to !== mortal && pick(3) === 0
    const told = (left: readonly string[]) =>
      left.filter((role) => role !== from && role !== to).map((role) => one(teller, role))
    // Who was late is told whether it was.
    const body = (): Body => [...(mayBeLate ? [one(to, from)] : []), ...told(among), ...ways(among, depth - 1, loops)]
    const branches: Record<string, Branch> = {}
    for (let left = 1 + pick(2); left > 0; left--) branches[`l${labels++}`] = { payload: nothing, body: body() }
    if (mayBeLate) branches[`late${labels++}`] = late(body(), 100 + pick(900))
    if (from === mortal) {
      const rest = ways(others, depth - 1, [])
      branches[`gone${labels++}`] = lost([...told(others), ...rest], pick(2) === 0 ? 1000 : undefined)
    }
    return [branching(from, to, branches)]
  }
  try {
    return protocol('crashing', roles, ways(roles, 5, []))
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
