import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { again, branch, choice, loop, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { conversation, ConversationMonitor, planConversation } from './conversation.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { Recording, RecordingError, replayConversation } from './recording.ts'

const roles = ['client', 'host'] as const
const wire = conversation('wire', roles, [
  protocol('offers', roles, [
    loop('o', [message('client', 'host', 'offer'), message('host', 'client', 'signal'), again('o')]),
  ]),
  protocol('moves', roles, [loop('m', [choice('client', 'host', { join: branch([again('m')]), bye: branch() })])]),
])
const plan = planConversation(wire, 'host')
const planOf = (name: string, role: string) => (name === 'wire' ? planConversation(wire, role) : undefined)

type Heard = readonly ['sent' | 'received', string]

/** A live connection that records. */
function live(heard: readonly Heard[], capacity: number) {
  const monitor = new ConversationMonitor(plan)
  const recording = new Recording(plan, { capacity })
  let violation: unknown
  for (const [atMs, [direction, label]] of heard.entries()) {
    recording.add({ atMs, direction, label })
    try {
      monitor[direction](label)
    } catch (error) {
      violation = error
      break
    }
  }
  return { text: recording.format(), violation }
}

test('replayConversation finds the violation that the live connection had, whatever fell out at the front', () => {
  const label = fc.constantFrom<Heard>(
    ['received', 'offer'],
    ['sent', 'signal'],
    ['received', 'join'],
    ['received', 'bye'],
  )
  fc.assert(
    fc.property(fc.array(label, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (heard, capacity) => {
      const { text, violation } = live(heard, capacity)
      const replayed = replayConversation(text, planOf)
      assert.equal(replayed.violation?.message, violation instanceof ProtocolViolation ? violation.message : undefined)
      assert.ok(replayed.messages.length <= capacity)
    }),
  )
})

test('replayConversation refuses text that is no recording, and other versions', () => {
  const { text } = live([['received', 'offer']], 9)
  const code = (wanted: RecordingError['code']) => (error: unknown) =>
    error instanceof RecordingError && error.code === wanted
  for (const broken of [
    '',
    'hello',
    '[]',
    '{}',
    `${text}{"label":1}\n`,
    text.replace('"states":[0,0]', '"states":[99,0]'),
    text.replace('"states":[0,0]', '"states":[0]'),
    text.replace('"states":[0,0]', '"states":[0,0,0]'),
    text.replace('"states":[0,0]', '"states":[0,null]'),
    text.replace('"states":[0,0]', '"states":[0,"0"]'),
    text.replace('"skipped":0', '"skipped":-1'),
    text.replace('"atMs":0', '"atMs":1e999'),
  ]) {
    assert.throws(() => replayConversation(broken, planOf), code('malformed-recording'))
  }
  assert.throws(() => replayConversation(text.replace(plan.fingerprint, '0'), planOf), code('other-conversation'))
  assert.throws(() => replayConversation(text.replace('"wire"', '"other"'), planOf), code('other-conversation'))
})

test('planConversation has another fingerprint for another declaration', () => {
  const longer = conversation('wire', roles, [
    ...wire.protocols,
    protocol('more', roles, [message('client', 'host', 'x')]),
  ])
  assert.notEqual(planConversation(longer, 'host').fingerprint, plan.fingerprint)
  assert.equal(planConversation(wire, 'client').fingerprint, plan.fingerprint)
})

test('Recording never loses what broke the protocol, whatever comes after it', () => {
  const recording = new Recording(plan, { capacity: 2 })
  for (const label of ['offer', 'join', 'offer', 'join', 'bye', 'join']) {
    recording.add({ atMs: 0, direction: 'received', label })
  }
  const { messages, skipped, violation } = replayConversation(recording.format(), planOf)
  assert.deepEqual([messages.map(({ label }) => label), skipped], [['offer'], 2])
  assert.match(violation?.message ?? '', /received "offer"/)
})

test('Recording is bounded in characters and keeps payloads as they were', () => {
  const recording = new Recording(plan, { capacity: 1000, maxCharacters: 500 })
  const payload = { text: 'a' }
  for (let number = 0; number < 100; number++) {
    payload.text = `b${number}`
    recording.add({ atMs: number, direction: 'received', label: 'join', payload })
    assert.ok(recording.format().length < 700)
  }
  const { messages, skipped } = replayConversation(recording.format(), planOf)
  assert.deepEqual(messages.at(-1)?.payload, { text: 'b99' })
  assert.deepEqual(messages.at(-2)?.payload, { text: 'b98' })
  assert.equal(messages.length + skipped, 100)
})
