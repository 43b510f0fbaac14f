import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileProtocol } from '../machine/compile-protocol.ts'
import { ProtocolMachine } from '../machine/machine.ts'
import { ManualClock } from '../manual-clock.ts'
import { conversation, ConversationMonitor, planConversation } from '../monitor/conversation.ts'
import { planMonitor } from '../monitor/monitor.ts'
import { passThrough } from '../session/edge.ts'
import { SessionError } from '../session/contract/session-error.ts'
import { SessionStore } from '../session/session-store.ts'
import { again, branch, choice, loop, message } from './notation.ts'
import { protocol } from './protocol.ts'
import { ProtocolError } from './protocol-error.ts'

const awkward = ['__proto__', 'constructor', 'toString', '', ' ', 'a->b', 'x.end, y', 'x'.repeat(100_000)]

const roles = ['__proto__', 'constructor'] as const
const branches = Object.fromEntries(awkward.map((label) => [label, branch([again('__proto__')])]))
const odd = protocol('odd', roles, [
  loop('__proto__', [choice('__proto__', 'constructor', { ...branches, ['last']: branch() })]),
])

test('names that every object has are names like others, for monitors and machines', () => {
  const plan = planConversation(conversation('odd', roles, [odd]), 'constructor')
  const monitor = new ConversationMonitor(plan)
  for (const label of awkward) monitor.received(label)
  const choices = [...awkward, 'last']
  const machine = new ProtocolMachine({
    program: compileProtocol(odd),
    handlers: { edge: passThrough },
    actions: { decide: () => choices.shift(), produce: () => undefined, consume: () => undefined },
    scheduler: 'round-robin',
    seed: 1,
  })
  machine.spawn(0)
  assert.deepEqual({ ...machine.run(10_000), steps: 0 }, { kind: 'done', steps: 0, failures: [] })
})

test('names that every object has are not there when nobody gave them', () => {
  const plain = protocol('plain', ['a', 'b'], [message('a', 'b', 'x')])
  for (const name of ['constructor', '__proto__', 'toString']) {
    assert.throws(() => planMonitor(plain, name), RangeError)
    const monitor = new ConversationMonitor(planConversation(conversation('c', ['a', 'b'], [plain]), 'b'))
    assert.throws(() => monitor.received(name), /unknown|received/)
    const machine = new ProtocolMachine({
      program: { code: [{ op: 'invoke', action: name, args: [] }], registers: 1 },
      actions: {},
      scheduler: 'round-robin',
      seed: 1,
    })
    machine.spawn(0)
    const result = machine.run(10)
    assert.ok(result.kind === 'done')
    assert.match(result.failures.join(), /there is no action/)
  }
})

test('roles that would make two edges one are refused', () => {
  for (const role of ['b->c', '->', '']) {
    const code = (error: unknown) =>
      (error instanceof ProtocolError || error instanceof SessionError) && error.code === 'malformed-role'
    assert.throws(() => protocol('p', ['a', role], [message('a', role, 'x')]), code)
    const store = new SessionStore({ clock: new ManualClock() })
    const open = { protocol: 'p', roles: ['a', role], localTypes: [], owners: [], handlers: new Map() }
    assert.throws(() => store.open(open), code)
  }
})

test('a violation quotes a short part of what came, in characters that no terminal obeys', () => {
  const plain = protocol('plain', ['a', 'b'], [message('a', 'b', 'x')])
  const monitor = new ConversationMonitor(planConversation(conversation('c', ['a', 'b'], [plain]), 'b'))
  assert.throws(
    () => monitor.received(`\u001B[2J${'y'.repeat(100_000)}`),
    (error) => error instanceof Error && error.message.length < 500 && !error.message.includes('\u001B'),
  )
})
