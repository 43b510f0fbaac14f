import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { forever } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { nothing } from '../protocol/schema.ts'
import { speaker } from '../protocol/speaker.ts'
import { conversation, ConversationMonitor, planConversation } from './conversation.ts'
import { after, allBut, atMost, last, onlyFirst, type Order, until } from './order.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { Recording, replayConversation } from './recording.ts'

const roles = ['client', 'host'] as const
const client = speaker('client', 'host', {
  resume: nothing,
  offer: nothing,
  candidate: nothing,
  ping: nothing,
  bye: nothing,
})
const host = speaker('host', 'client', { ready: nothing, answer: nothing, hint: nothing })
const protocols = [
  protocol('greeting', roles, [host.says('ready')]),
  protocol('resuming', roles, [client.stream('resume')]),
  protocol('negotiation', roles, [forever([client.says('offer'), host.says('answer')])]),
  protocol('candidates', roles, [client.stream('candidate')]),
  protocol('alive', roles, [client.stream('ping')]),
  protocol('goodbye', roles, [client.says('bye')]),
  protocol('hints', roles, [host.stream('hint')]),
] as const
const declare = (...orders: Order[]) => conversation('wire', roles, protocols, orders)
const wire = declare(
  after({ host: ['ready'] }, { client: allBut('ping') }),
  after({ client: ['offer'] }, { client: ['candidate'] }),
  atMost(2, { client: ['candidate'] }, { client: ['offer'] }),
  onlyFirst('client', 'resume', ['ping']),
  last('client', 'bye'),
  until({ client: ['bye'] }, { host: ['hint'] }),
)

type Heard = 'client' | 'host'

/** Plays messages as one end sees them, `client offer` being who says what. */
function play(role: Heard, said: readonly string[], declared = wire): ConversationMonitor {
  const monitor = new ConversationMonitor(planConversation(declared, role))
  for (const each of said) {
    const [from, label = ''] = each.split(' ')
    monitor[from === role ? 'sent' : 'received'](label)
  }
  return monitor
}

const refused = (why: RegExp) => (error: unknown) =>
  error instanceof ProtocolViolation && error.code === 'out-of-order' && why.test(error.message)

for (const role of roles) {
  test(`ConversationMonitor of the ${role} holds what is declared across protocols`, () => {
    const wrong: [string[], RegExp][] = [
      [['client offer'], /"offer" .*only after "ready" of host/],
      [['host ready', 'client candidate'], /only after "offer" of client/],
      [
        ['host ready', 'client offer', 'client candidate', 'client candidate', 'client candidate'],
        /2 have come already/,
      ],
      [['host ready', 'client offer', 'client resume'], /first or not at all/],
      [['host ready', 'client resume', 'client resume'], /first or not at all/],
      [['host ready', 'client bye', 'client ping'], /nothing comes after "bye" of client/],
      [['host ready', 'client bye', 'client bye'], /goodbye: .*expected the end/],
    ]
    for (const [said, why] of wrong) {
      const before = play(role, said.slice(0, -1))
      const [, label = ''] = (said.at(-1) ?? '').split(' ')
      const allowed = before.expected.some((each) => each.label === label)
      assert.equal(allowed, false, said.join(', '))
      assert.throws(
        () => play(role, said),
        (error) => error instanceof ProtocolViolation && why.test(error.message),
      )
    }
    play(role, ['client ping', 'host ready', 'client ping', 'client resume', 'client offer', 'client candidate'])
    const twice = ['client offer', 'host answer', 'client candidate', 'client candidate']
    play(role, ['host ready', ...twice, ...twice, 'client bye', 'host answer'].slice(0, -1))
  })
}

test('what is under way when the other end ends something is let through, and not said any more by who knows', () => {
  play('client', ['host ready', 'client bye', 'host hint'])
  assert.throws(() => play('host', ['host ready', 'client bye', 'host hint']), refused(/only until "bye" of client/))
})

test('ConversationMonitor refuses what an order forbids at every end that can know, and nothing else', () => {
  const said = fc.constantFrom(
    'client resume',
    'client offer',
    'client candidate',
    'client ping',
    'client bye',
    'host hint',
  )
  fc.assert(
    fc.property(fc.array(said, { maxLength: 12 }), (all) => {
      const ends = roles.map((role) => {
        const monitor = play(role, ['host ready'])
        let count = 0
        for (const each of all) {
          const [from, label = ''] = each.split(' ')
          try {
            monitor[from === role ? 'sent' : 'received'](label)
          } catch {
            break
          }
          count++
        }
        return count
      })
      // In this conversation only the host's hints are judged by the host alone.
      const [atClient = 0, atHost = 0] = ends
      assert.ok(atClient === atHost || all[Math.min(atClient, atHost)] === 'host hint')
    }),
  )
})

test('what the orders know goes along with a recording that has lost its front', () => {
  const plan = planConversation(wire, 'host')
  const recording = new Recording(plan, { capacity: 2 })
  for (const label of ['offer', 'candidate', 'candidate', 'candidate']) {
    if (label === 'offer') recording.add({ atMs: 0, direction: 'sent', label: 'ready' })
    recording.add({ atMs: 0, direction: 'received', label })
  }
  const { violation, skipped } = replayConversation(recording.format(), (_name, role) => planConversation(wire, role))
  assert.equal(skipped, 3)
  assert.match(violation?.message ?? '', /2 have come already/)
})

test('conversation refuses orders that nobody could hold', () => {
  const wrong: [Order, ProtocolError['code']][] = [
    [after({ client: ['hello'] }, { client: ['offer'] }), 'unknown-message'],
    [after({ thief: ['offer'] }, { client: ['offer'] }), 'unknown-message'],
    [after({ client: ['offer'] }, { client: allBut('hello') }), 'unknown-message'],
    [after({ client: ['offer'] }, { client: ['offer'] }), 'impossible-order'],
    [after({ client: ['candidate'] }, { host: ['ready'] }), 'impossible-order'],
    [atMost(0, { client: ['offer'] }), 'impossible-order'],
    [atMost(1, { client: ['offer'], host: ['answer'] }), 'unwatchable-order'],
    [atMost(1, { client: ['candidate'] }, { host: ['answer'] }), 'unwatchable-order'],
  ]
  for (const [order, code] of wrong) {
    assert.throws(
      () => declare(after({ host: ['ready'] }, { client: ['candidate'] }), order),
      (error) => error instanceof ProtocolError && error.code === code,
      code,
    )
  }
  const many = Array.from({ length: 32 }, () => after({ host: ['ready'] }, { client: ['offer'] }))
  assert.throws(() => declare(...many), { code: 'unwatchable-order' })
})

test('planConversation has another fingerprint for other orders', () => {
  const fingerprints = [declare(), wire, declare(last('client', 'bye'))].map(
    (declared) => planConversation(declared, 'host').fingerprint,
  )
  assert.equal(new Set(fingerprints).size, 3)
})
