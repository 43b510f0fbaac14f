import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toDot } from '../export/dot.ts'
import { toMermaid } from '../export/mermaid.ts'
import { toScribble } from '../export/scribble.ts'
import { ManualClock } from '../manual-clock.ts'
import { again, branch, choice, forever, late, loop, lost, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { conversation, ConversationMonitor, planConversation } from './conversation.ts'
import { isSubtype } from './conversation-subtype.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { Recording, replayConversation } from './recording.ts'
import { TimedMonitor } from './timed-monitor.ts'

const roles = ['client', 'host'] as const

const alive = protocol('alive', roles, [
  loop('alive', [
    message('client', 'host', 'ping'),
    choice('host', 'client', { pong: branch([again('alive')]), 'host-lost': lost([], 10_000) }),
  ]),
])
const quotes = protocol('quotes', roles, [
  forever([
    message('client', 'host', 'ask'),
    choice('host', 'client', {
      price: branch([message('client', 'host', 'thanks')]),
      slow: late([message('client', 'host', 'never-mind')], 1000),
    }),
  ]),
])
const talk = conversation('talk', roles, [
  alive,
  quotes,
  protocol('news', roles, [forever([message('host', 'client', 'news')])]),
])
const plan = planConversation(talk, 'client')

function open() {
  const clock = new ManualClock()
  const missed: string[] = []
  const monitor = new ConversationMonitor(plan)
  const watch = new TimedMonitor({ plan, monitor, clock, onMissed: (label) => missed.push(label) })
  return { clock, missed, monitor, watch }
}

test('TimedMonitor goes on by the branch for a delay when its step has waited for so long, and by no other message', () => {
  const { clock, missed, monitor, watch } = open()
  watch.sent('ask')
  clock.advance(999)
  watch.received('news')
  assert.deepEqual(missed, [])
  clock.advance(1)
  assert.deepEqual(missed, ['slow'])
  watch.sent('never-mind')
  watch.sent('ask')
  clock.advance(5000)
  assert.deepEqual(missed, ['slow'], 'what was late comes first')
  watch.received('price')
  clock.advance(999)
  watch.received('price')
  watch.sent('thanks')
  clock.advance(5000)
  assert.deepEqual(missed, ['slow'])
  assert.throws(() => monitor.missed('slow'), ProtocolViolation)
})

test('TimedMonitor takes a peer for lost whose answer does not come, and leaves no timer when it has ended', () => {
  const { clock, missed, monitor, watch } = open()
  for (let round = 0; round < 3; round++) {
    watch.sent('ping')
    clock.advance(9999)
    watch.received('pong')
  }
  watch.sent('ping')
  watch.sent('ask')
  clock.advance(10_000)
  assert.deepEqual(missed, ['slow', 'host-lost'])
  assert.equal(monitor.may('sent', 'ping'), false)
  const other = open()
  other.watch.sent('ping')
  other.watch.end()
  other.watch.sent('ask')
  assert.equal(other.clock.pending, 0)
})

test('a recording keeps what was done without the peer, and is replayed with it', () => {
  const recording = new Recording(plan, { capacity: 4 })
  const deeds = ['sent ask', 'missed slow', 'sent never-mind', 'sent ping', 'received price', 'missed host-lost']
  for (const [atMs, deed] of deeds.entries()) {
    const [direction, label] = deed.split(' ') as ['sent' | 'received' | 'missed', string]
    recording.add({ atMs, direction, label })
  }
  const replayed = replayConversation(recording.format(), () => plan)
  assert.equal(replayed.skipped, 2)
  assert.equal(replayed.violation, undefined)
  recording.add({ atMs: 9, direction: 'missed', label: 'host-lost' })
  const broken = replayConversation(recording.format(), () => plan)
  assert.match(broken.violation?.message ?? '', /client went on without host, by "host-lost"/)
  assert.equal(broken.violation?.code, 'unexpected-message')
})

test('monitors of both ends know of losses, and lost tells by which branches', () => {
  const host = new ConversationMonitor(planConversation(talk, 'host'))
  host.received('ping')
  assert.deepEqual(host.lost(), [], 'it waits for nothing')
  const client = new ConversationMonitor(plan)
  client.sent('ping')
  assert.deepEqual(client.lost(), ['host-lost'])
  assert.throws(() => client.received('pong'), ProtocolViolation)
  assert.throws(() => client.missed('sudo'), { code: 'already-violated' })
})

test('a conversation refuses two branches of one name by which an end goes on alone', () => {
  const one = (name: string) =>
    protocol(name, roles, [choice('host', 'client', { [name]: branch(), gone: lost() } as const)])
  assert.throws(
    () => conversation('c', roles, [one('x'), one('y')]),
    (error) => error instanceof ProtocolError && error.code === 'ambiguous-label',
  )
})

test('losses and limits are part of what is exported, and of what makes versions differ', () => {
  assert.match(toMermaid(talk), /Note over client: host is lost, or silent for 10000 ms/)
  assert.match(toMermaid(talk), /Note over client: host is late by 1000 ms/)
  assert.match(toDot(talk), /style=dashed, label="slow: host is late by 1000 ms"/)
  assert.match(toScribble(talk), /\/\/ host_lost: host is lost, or silent for 10000 ms/)
  const patient = conversation('talk', roles, [
    protocol('quotes', roles, [
      forever([
        message('client', 'host', 'ask'),
        choice('host', 'client', { price: branch([message('client', 'host', 'thanks')]) }),
      ]),
    ]),
  ])
  const quick = conversation('talk', roles, [quotes])
  assert.notEqual(planConversation(quick, 'host').fingerprint, planConversation(patient, 'host').fingerprint)
  assert.deepEqual(isSubtype(quick, quick, 'client'), { isSubtype: true })
  assert.deepEqual(isSubtype(patient, quick, 'client'), { isSubtype: true })
  assert.deepEqual(isSubtype(quick, patient, 'client'), {
    isSubtype: false,
    differences: [
      'quotes: after "ask": it may go on without an answer of host after 1000 ms, which is not expected there',
    ],
  })
})
