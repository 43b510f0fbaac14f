import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from './support/fast-check.ts'
import {
  type Conversation,
  ConversationMonitor,
  planConversation,
  type ConversationPlan,
} from '../src/kernel/monitor/conversation.ts'
import { ProtocolViolation } from '../src/kernel/monitor/protocol-violation.ts'
import { conversations } from '../src/server/conversations.ts'
import { machinePlay, type Act } from './support/fuzz/machine-play.ts'
import { PlainJudge } from './support/fuzz/plain-judge.ts'

/** One end of a wire in this process. */
class End {
  readonly monitor: ConversationMonitor
  readonly judge: PlainJudge
  /** What it is still to do in each protocol, as the machine did it. */
  readonly parts: Act[][]
  /** What is under way to it. */
  readonly inbox: string[] = []

  constructor(conversation: Conversation, plan: ConversationPlan, parts: Act[][]) {
    this.monitor = new ConversationMonitor(plan)
    this.judge = new PlainJudge(conversation, plan.role)
    this.parts = parts
  }

  /** The protocols in which it can go on now. */
  get ready(): Act[][] {
    return this.parts.filter(([next]) => {
      if (!next) return false
      return next.direction === 'sent' ? this.monitor.may('sent', next.label) : this.inbox[0] === next.label
    })
  }
}

for (const conversation of conversations.values()) {
  const plans = conversation.roles.map((role) => planConversation(conversation, role))
  const open = (seed: number): [End, End] => {
    const plays = conversation.protocols.map((each, index) => machinePlay(each, { seed: seed + index, steps: 300 }))
    const [a, b] = plans.map(
      (plan) =>
        new End(
          conversation,
          plan,
          plays.map((play) => [...(play.get(plan.role) ?? [])]),
        ),
    )
    assert.ok(a && b)
    return [a, b]
  }

  test(`${conversation.name}: what one end may say is never refused by the other, whatever crosses and is lost`, () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat(0xffff), { minLength: 40, maxLength: 250 }), (seed, picks) => {
        let ends = open(seed)
        for (const pick of picks) {
          // The connection is cut: what was under way is lost, and another conversation begins.
          if (pick % 89 === 0) ends = open(seed + pick)
          const moves = ends.flatMap((end, at) => end.ready.map((part) => ({ end, part, other: ends[1 - at] as End })))
          const move = moves[pick % Math.max(1, moves.length)]
          if (!move) {
            assert.deepEqual([ends[0].inbox, ends[1].inbox], [[], []], 'nothing under way is left behind')
            break
          }
          const { end, part, other } = move
          const act = part.shift() as Act
          assert.ok(end.judge.isAllowed(act), `${act.direction} ${act.label}`)
          end.judge.happened(act)
          end.monitor[act.direction](act.label)
          if (act.direction === 'sent') other.inbox.push(act.label)
          else end.inbox.shift()
        }
      }),
      { numRuns: 60 },
    )
  })

  test(`${conversation.name}: what is not allowed is refused at once, and all that is allowed goes through`, () => {
    const acts = plans[0]?.table.messages.map(({ direction, label }): Act => ({ direction, label })) ?? []
    const act = fc.constantFrom(...acts, { direction: 'received', label: 'steal' } as const)
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 0, max: 9 }), (all, patience) => {
        const [plan] = plans
        assert.ok(plan)
        const monitor = new ConversationMonitor(plan)
        const judge = new PlainJudge(conversation, plan.role)
        let left = patience
        for (const each of all) {
          const isAllowed = judge.isAllowed(each)
          assert.equal(monitor.may(each.direction, each.label), isAllowed, `${each.direction} ${each.label}`)
          // Most of what is wrong is left out, so that the rest comes far.
          if (!isAllowed && left-- > 0) continue
          if (isAllowed) {
            monitor[each.direction](each.label)
            judge.happened(each)
            continue
          }
          assert.throws(() => monitor[each.direction](each.label), ProtocolViolation)
          assert.deepEqual(monitor.expected, [])
          break
        }
      }),
      { numRuns: 150 },
    )
  })
}
