import assert from 'node:assert/strict'
import { test } from 'node:test'
import { again, loop, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { conversation, ConversationMonitor, planConversation } from './conversation.ts'
import { ProtocolViolation } from './protocol-violation.ts'

const roles = ['client', 'host'] as const
const negotiation = protocol('negotiation', roles, [
  loop('offers', [message('client', 'host', 'offer'), message('host', 'client', 'signal'), again('offers')]),
])
const alive = protocol('keep-alive', roles, [
  loop('alive', [message('client', 'host', 'ping'), message('host', 'client', 'pong'), again('alive')]),
])
const wire = conversation('wire', roles, [negotiation, alive])

test('ConversationMonitor lets protocols of one wire interleave', () => {
  const host = new ConversationMonitor(planConversation(wire, 'host'))
  host.received('offer')
  host.received('ping')
  host.sent('signal')
  host.sent('pong')
  assert.deepEqual(
    host.expected.map((allowed) => allowed.label),
    ['offer', 'ping'],
  )
})

test('ConversationMonitor ends all protocols of a wire when one is violated', () => {
  const host = new ConversationMonitor(planConversation(wire, 'host'))
  host.received('offer')
  assert.throws(
    () => host.received('offer'),
    (error) =>
      error instanceof ProtocolViolation && error.protocol === 'negotiation' && error.expected[0]?.label === 'signal',
  )
  assert.throws(
    () => host.received('ping'),
    (error) => error instanceof ProtocolViolation && error.code === 'already-violated',
  )
})

test('ConversationMonitor refuses a label that no protocol of the wire has', () => {
  const client = new ConversationMonitor(planConversation(wire, 'client'))
  assert.throws(
    () => client.received('steal'),
    (error) => error instanceof ProtocolViolation && error.code === 'unknown-label' && error.expected.length === 2,
  )
})

test('conversation refuses a label that two protocols use in one direction, and strangers', () => {
  const other = protocol('other', roles, [message('client', 'host', 'ping')])
  assert.throws(
    () => conversation('wire', roles, [alive, other]),
    (error) => error instanceof ProtocolError && error.code === 'ambiguous-label',
  )
  const back = protocol('back', roles, [message('host', 'client', 'ping')])
  assert.doesNotThrow(() => conversation('wire', roles, [alive, back]))
  const strangers = protocol('strangers', ['a', 'b'], [message('a', 'b', 'x')])
  assert.throws(() => conversation('wire', roles, [strangers]), ProtocolError)
})
