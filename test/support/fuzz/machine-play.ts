import { compileProtocol } from '../../../src/kernel/machine/compile-protocol.ts'
import { ProtocolMachine } from '../../../src/kernel/machine/machine.ts'
import type { Direction } from '../../../src/kernel/monitor/protocol-violation.ts'
import type { Body, Step } from '../../../src/kernel/protocol/notation.ts'
import { protocol as declare, type Protocol } from '../../../src/kernel/protocol/protocol.ts'
import { nothing } from '../../../src/kernel/protocol/schema.ts'
import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import { passThrough } from '../../../src/kernel/session/edge.ts'

export interface Act {
  readonly direction: Direction
  readonly label: string
}

/** What each role of a protocol does in one run of the machine, which plays them all and chooses by the seed. */
export function machinePlay(protocol: Protocol, options: { readonly seed: number; readonly steps: number }) {
  const random = seededRandom(options.seed)
  const acts = new Map<string, Act[]>(protocol.roles.map((role) => [role, []]))
  const machine = new ProtocolMachine({
    program: compileProtocol(declare(protocol.name, protocol.roles, withoutPayloads(protocol.body))),
    handlers: { edge: passThrough },
    actions: {
      decide: (labels) => (labels as readonly string[])[Math.floor(random() * (labels as readonly string[]).length)],
      produce: () => undefined,
      consume: () => undefined,
    },
    scheduler: 'round-robin',
    seed: options.seed,
    onTrace: (entry) => {
      if (entry.type === 'Sent') acts.get(entry.from)?.push({ direction: 'sent', label: entry.label })
      else if (entry.type === 'Received') acts.get(entry.to)?.push({ direction: 'received', label: entry.label })
    },
  })
  machine.spawn(0)
  machine.run(options.steps)
  dropUndelivered(acts)
  return acts
}

/** What was under way when the run stopped reaches nobody, so that the play of who sent it ends before it. */
function dropUndelivered(acts: ReadonlyMap<string, Act[]>): void {
  const plays = [...acts.values()]
  const count = (play: readonly Act[], direction: Direction) => play.filter((act) => act.direction === direction).length
  for (let isWhole = false; !isWhole;) {
    isWhole = true
    for (const play of plays) {
      const heard = plays.reduce((sum, other) => sum + (other === play ? 0 : count(other, 'received')), 0)
      if (count(play, 'sent') <= heard) continue
      play.length = play.findLastIndex((act) => act.direction === 'sent')
      isWhole = false
    }
  }
}

/** The machine chooses labels; contents are the codecs' to test. */
function withoutPayloads(body: Body): Body {
  return body.map((step): Step => {
    if (step.kind === 'again') return step
    if (step.kind === 'loop') return { ...step, body: withoutPayloads(step.body) }
    const branches = Object.entries(step.branches).map(([label, branch]) => {
      return [label, { payload: nothing, body: withoutPayloads(branch.body) }] as const
    })
    return { ...step, branches: Object.fromEntries(branches) }
  })
}
