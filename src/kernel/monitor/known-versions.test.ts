import assert from 'node:assert/strict'
import { test } from 'node:test'
import { again, branch, choice, forever, late, loop, lost, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { conversation, planConversation } from './conversation.ts'
import { conversationOfShape, shapeOfConversation } from './conversation-shape.ts'
import { KnownVersions } from './known-versions.ts'
import { after, allBut, atMost, onlyFirst } from './order.ts'

const roles = ['client', 'host'] as const

const rich = conversation(
  'rich',
  roles,
  [
    protocol('alive', roles, [
      loop('alive', [
        message('client', 'host', 'ping'),
        choice('host', 'client', {
          pong: branch([message('client', 'host', 'fine'), again('alive')]),
          slow: late([message('client', 'host', 'hurry'), again('alive')], 500),
          gone: lost([], 1000),
        }),
      ]),
    ]),
    protocol('news', roles, [forever([choice('host', 'client', { news: branch(), gossip: branch() })])]),
  ],
  [after({ client: ['ping'] }, { host: allBut('pong') }), atMost(3, { host: ['news'] }), onlyFirst('client', 'ping')],
)

test('a conversation that was written as JSON and read again has the same fingerprint at both ends', () => {
  const read = conversationOfShape(JSON.parse(JSON.stringify(shapeOfConversation(rich))))
  for (const role of roles) {
    assert.equal(planConversation(read, role).fingerprint, planConversation(rich, role).fingerprint)
  }
})

test('KnownVersions judges a version by what is kept of it, and knows nothing of others', () => {
  const told = (...labels: string[]) =>
    conversation('c', roles, [
      protocol('t', roles, [
        loop('t', [choice('host', 'client', Object.fromEntries(labels.map((each) => [each, branch([again('t')])])))]),
      ]),
    ])
  const keep = (each: typeof rich) => ({
    fingerprint: planConversation(each, 'host').fingerprint,
    shape: shapeOfConversation(each),
  })
  const older = keep(told('a') as never)
  const versions = new KnownVersions(told('a', 'b'), [older])
  const differences = ['t: it does not know "b", which host may say to it there']
  assert.deepEqual(versions.judge('client', older.fingerprint), { kind: 'unsafe', differences })
  assert.deepEqual(versions.judge('host', older.fingerprint), { kind: 'safe' })
  assert.deepEqual(versions.judge('client', versions.fingerprint), { kind: 'same' })
  assert.deepEqual(versions.judge('client', '__proto__'), { kind: 'unknown' })
  assert.equal(versions.plan('client', older.fingerprint)?.received.size, 1)
  assert.equal(versions.plan('client', versions.fingerprint)?.received.size, 2)
  assert.equal(versions.plan('clerk', older.fingerprint), undefined)
})
