import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import { clientMessage, serverMessage } from './messages.ts'
import { signalling } from './protocol.ts'

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

const violations: [name: string, steps: ['sent' | 'received', string][]][] = [
  ['offer before ready', [['received', 'offer']]],
  [
    'second offer before the answer',
    [
      ['sent', 'ready'],
      ['received', 'offer'],
      ['received', 'offer'],
    ],
  ],
  [
    'answer without offer',
    [
      ['sent', 'ready'],
      ['sent', 'signal'],
    ],
  ],
  [
    'second ready',
    [
      ['sent', 'ready'],
      ['sent', 'ready'],
    ],
  ],
  ['pong without ping', [['received', 'pong']]],
  [
    'second ping before its pong',
    [
      ['received', 'ping'],
      ['received', 'ping'],
    ],
  ],
  [
    'wish after bye',
    [
      ['received', 'bye'],
      ['received', 'join'],
    ],
  ],
  [
    'second reconnect before its answer',
    [
      ['received', 'reconnect'],
      ['received', 'reconnect'],
    ],
  ],
  ['host message from the client', [['received', 'stats']]],
]

for (const [name, steps] of violations) {
  test(`signalling refuses: ${name}`, () => {
    const monitor = host()
    const last = steps.pop()
    for (const [direction, label] of steps) monitor[direction](label)
    assert.ok(last)
    assert.throws(() => monitor[last[0]](last[1]), ProtocolViolation)
  })
}
