import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import type { SaidBy } from '../../kernel/monitor/typed-conversation.ts'
import { clientMessage, serverMessage, type ClientMessage, type ServerMessage } from './messages.ts'
import { clientWords, hostWords, maxCandidates, signalling } from './protocol.ts'

const host = () => new ConversationMonitor(planConversation(signalling, 'host'))

test('signalling knows every type of message in its direction, and no other', () => {
  const labels = (direction: 'sent' | 'received') =>
    new Set(
      planConversation(signalling, 'host').plans.flatMap(({ table }) =>
        table.messages.filter((known) => known.direction === direction).map((known) => known.label),
      ),
    )
  assert.deepEqual(labels('received'), new Set(clientMessage.options.map((option) => option.entries.type.literal)))
  assert.deepEqual(labels('sent'), new Set(serverMessage.options.map((option) => option.entries.type.literal)))
})

test('signalling allows the connection flow of seed 003, with candidates and pings in between', () => {
  const monitor = host()
  monitor.sent('ready')
  monitor.sent('place')
  monitor.received('offer')
  monitor.received('candidate')
  monitor.received('ping')
  monitor.received('join')
  monitor.sent('pong')
  monitor.sent('signal')
  monitor.sent('candidate')
  monitor.sent('place')
  monitor.received('offer')
  monitor.sent('signal')
  monitor.received('bye')
})

const many = Array.from({ length: maxCandidates }, (): [direction: 'received', label: string] => [
  'received',
  'candidate',
])

/** Each behind the greeting; the last step is the first that is wrong. */
const violations: [name: string, steps: ['sent' | 'received', string][], code?: ProtocolViolation['code']][] = [
  [
    'second offer before the answer',
    [
      ['received', 'offer'],
      ['received', 'offer'],
    ],
  ],
  ['answer without offer', [['sent', 'signal']]],
  ['second ready', [['sent', 'ready']]],
  ['pong without ping', [['received', 'pong']]],
  [
    'second ping before its pong',
    [
      ['received', 'ping'],
      ['received', 'ping'],
    ],
  ],
  [
    'second reconnect',
    [
      ['received', 'reconnect'],
      ['sent', 'reconnect-ack'],
      ['received', 'reconnect'],
    ],
  ],
  ['host message from the client', [['received', 'stats']], 'unknown-label'],
  ['candidate first', [['received', 'candidate']], 'out-of-order'],
  [
    'candidate behind a join',
    [
      ['received', 'join'],
      ['received', 'candidate'],
    ],
    'out-of-order',
  ],
  ['host candidate before an offer', [['sent', 'candidate']], 'out-of-order'],
  ['one candidate too many', [['received', 'offer'], ...many, ['received', 'candidate']], 'out-of-order'],
  [
    'reconnect behind a join',
    [
      ['received', 'join'],
      ['received', 'reconnect'],
    ],
    'out-of-order',
  ],
  ['the app’s clipboard, unasked', [['sent', 'clipboard']], 'out-of-order'],
  ['figures of media that nobody asked for', [['sent', 'stats']], 'out-of-order'],
  ...(['join', 'offer', 'deliver', 'ping', 'candidate', 'clipboard-write'] as const).map(
    (label): [string, ['sent' | 'received', string][], ProtocolViolation['code']] => [
      `${label} after bye`,
      [
        ['received', 'offer'],
        ['sent', 'signal'],
        ['received', 'bye'],
        ['received', label],
      ],
      'out-of-order',
    ],
  ),
]

for (const [name, steps, code = 'unexpected-message'] of violations) {
  for (const role of signalling.roles) {
    test(`signalling refuses, at the ${role}: ${name}`, () => {
      const monitor = new ConversationMonitor(planConversation(signalling, role))
      const say = ([direction, label]: ['sent' | 'received', string]) => {
        if (role === 'host') monitor[direction](label)
        else monitor[direction === 'sent' ? 'received' : 'sent'](label)
      }
      say(['sent', 'ready'])
      for (const step of steps.slice(0, -1)) say(step)
      assert.throws(
        () => say(steps.at(-1) ?? ['sent', '']),
        (error) => error instanceof ProtocolViolation && error.code === code,
      )
    })
  }
}

test('signalling says nothing of the session before it has greeted, but why it does not', () => {
  for (const label of ['place', 'seats', 'stats', 'signal', 'delivered']) {
    assert.throws(() => host().sent(label), ProtocolViolation)
  }
  for (const label of ['offer', 'join', 'deliver', 'clipboard-write', 'reconnect', 'bye']) {
    assert.throws(() => host().received(label), ProtocolViolation)
  }
  host().sent('error')
  host().received('ping')
})

test('signalling allows candidates anew after each offer, keep-alive in front of reconnect, and one last word', () => {
  const monitor = host()
  for (const step of ['> ready', '< ping', '> pong', '< reconnect', '> reconnect-ack']) play(monitor, step)
  for (let offer = 0; offer < 3; offer++) {
    play(monitor, '< offer')
    for (let candidate = 0; candidate < maxCandidates; candidate++) play(monitor, '< candidate')
    play(monitor, '> signal')
  }
  play(monitor, '< bye')
  // What was under way is not undone by it.
  play(monitor, '> place')
})

test('the messages of the codec are those of the declaration, type for type', () => {
  type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
  const client: Same<SaidBy<typeof signalling, 'client'>, ClientMessage> = true
  const server: Same<SaidBy<typeof signalling, 'host'>, ServerMessage> = true
  assert.ok(client && server)
  const words: Readonly<Record<'sent' | 'received', Readonly<Record<string, unknown>>>> = {
    sent: hostWords,
    received: clientWords,
  }
  for (const { table } of planConversation(signalling, 'host').plans) {
    for (const [number, { direction, label }] of table.messages.entries()) {
      const schemas = table.payloads.filter((_schema, cell) => cell % table.messages.length === number)
      for (const schema of schemas) assert.ok(schema === undefined || schema === words[direction][label], label)
    }
  }
})

function play(monitor: ConversationMonitor, step: string): void {
  const [direction, label = ''] = step.split(' ')
  monitor[direction === '>' ? 'sent' : 'received'](label)
}
