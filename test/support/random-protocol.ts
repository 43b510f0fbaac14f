import * as fc from './fast-check.ts'
import type { Body, Step } from '../../src/kernel/protocol/notation.ts'
import { type Protocol, protocol } from '../../src/kernel/protocol/protocol.ts'
import { ProtocolError } from '../../src/kernel/protocol/protocol-error.ts'
import { nothing } from '../../src/kernel/protocol/schema.ts'

const names = ['a', 'b', 'c', 'd'] as const

/** Random well-formed protocols between two to four roles, with nested loops and choices. */
export function randomProtocol(): fc.Arbitrary<Protocol> {
  return fc
    .tuple(fc.integer({ min: 2, max: 4 }), fc.infiniteStream(fc.nat(1 << 20)))
    .map(([roles, stream]) => build(names.slice(0, roles), stream))
    .filter((built) => built !== undefined)
}

/** Shrinking a filtered tree is slow and useless here, so a stream of numbers decides everything. */
function build(roles: readonly string[], stream: Iterator<number>): Protocol | undefined {
  const pick = (below: number): number => (stream.next().value as number) % below
  let labels = 0
  let loops = 0

  const pair = (): [string, string] => {
    const from = pick(roles.length)
    const to = (from + 1 + pick(roles.length - 1)) % roles.length
    return [roles[from] as string, roles[to] as string]
  }
  const single = (from: string, to: string): Step => ({
    kind: 'choice',
    from,
    to,
    branches: { [`m${labels++}`]: { payload: nothing, body: [] } },
  })
  /** After a choice everybody else is told by whom it was told, which keeps most of them mergeable. */
  const tellOthers = (from: string, to: string): Step[] =>
    roles.filter((role) => role !== from && role !== to).map((role) => single(to, role))

  const body = (depth: number, inside: readonly string[]): Step[] => {
    const steps: Step[] = []
    for (let left = pick(3); left > 0; left--) {
      const [from, to] = pair()
      const kind = depth > 0 ? pick(4) : 0
      if (kind <= 1) {
        steps.push(single(from, to))
      } else if (kind === 2) {
        const branches: Record<string, { payload: typeof nothing; body: Body }> = {}
        for (let branch = 1 + pick(3); branch > 0; branch--) {
          branches[`l${labels++}`] = { payload: nothing, body: [...tellOthers(from, to), ...body(depth - 1, inside)] }
        }
        steps.push({ kind: 'choice', from, to, branches })
      } else {
        const name = `x${loops++}`
        const told = tellOthers(from, to)
        steps.push({
          kind: 'loop',
          name,
          body: [
            ...body(depth - 1, [...inside, name]),
            {
              kind: 'choice',
              from,
              to,
              branches: {
                [`again${labels++}`]: {
                  payload: nothing,
                  body: [
                    ...tellOthers(from, to),
                    { kind: 'again', name: [...inside, name][pick(inside.length + 1)] ?? name },
                  ],
                },
                [`done${labels++}`]: { payload: nothing, body: told },
              },
            },
          ],
        })
      }
    }
    return steps
  }

  const all = [...body(3, []), ...roles.slice(1).map((role) => single(roles[0] as string, role))]
  try {
    return protocol('random', roles, all)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
