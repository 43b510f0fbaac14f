import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversation } from '../../kernel/monitor/conversation.ts'
import { isSubtype } from '../../kernel/monitor/conversation-subtype.ts'
import { forever, message } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { shapeOfConversation } from '../../kernel/monitor/conversation-shape.ts'
import { signalling } from './protocol.ts'
import { knownSignalling } from './versions.ts'
import kept from './versions.json' with { type: 'json' }

const roles = ['client', 'host'] as const

test('signalling is safe with itself at both ends', () => {
  for (const role of signalling.roles) assert.deepEqual(isSubtype(signalling, signalling, role), { isSubtype: true })
})

test('the version that is declared is kept, beside those before it', () => {
  const { fingerprint } = knownSignalling()
  const last = kept.at(-1)
  assert.equal(last?.fingerprint, fingerprint, 'run node scripts/keep-protocol-version.mjs after a change')
  assert.deepEqual(last?.shape, JSON.parse(JSON.stringify(shapeOfConversation(signalling))))
  assert.ok(kept.length > 1)
})

/** What hosts of former versions do not know; clients of this one tell their user so. */
const later: ReadonlySet<string> = new Set([
  'shapes: it does not know "shape", which client may say to it there',
  'ice servers: it does not know "ice-servers", which client may say to it there',
])

test('clients and hosts of every version that is kept are safe with this one, but for what came later', () => {
  const versions = knownSignalling()
  for (const { fingerprint } of kept) {
    for (const role of signalling.roles) {
      const verdict = versions.judge(role, fingerprint)
      const isKnown = role === 'host' && verdict.kind === 'unsafe' && verdict.differences.every((one) => later.has(one))
      if (!isKnown) assert.match(verdict.kind, /^(same|safe)$/, `${role} ${fingerprint}: ${JSON.stringify(verdict)}`)
      assert.equal(versions.plan(role, fingerprint)?.fingerprint, fingerprint)
    }
  }
  assert.deepEqual(versions.judge('client', 'ffffffffffffffff'), { kind: 'unknown' })
  assert.equal(versions.plan('client', 'ffffffffffffffff'), undefined)
})

test('a signalling client of the messages of seed 003 alone says nothing that the host does not take', () => {
  const known = ['ready', 'offer', 'signal', 'reconnect', 'reconnect-ack', 'ping', 'pong']
  const seed = conversation('signalling', roles, [
    protocol('negotiation', roles, [
      message('host', 'client', 'ready'),
      forever([message('client', 'host', 'offer'), message('host', 'client', 'signal')]),
    ]),
    protocol('recovery', roles, [message('client', 'host', 'reconnect'), message('host', 'client', 'reconnect-ack')]),
    protocol('client keep-alive', roles, [
      forever([message('client', 'host', 'ping'), message('host', 'client', 'pong')]),
    ]),
    protocol('host keep-alive', roles, [
      forever([message('host', 'client', 'ping'), message('client', 'host', 'pong')]),
    ]),
  ])
  const result = isSubtype(seed, signalling, 'client')
  const differences = result.isSubtype ? [] : result.differences
  assert.ok(differences.some((each) => each === 'notices: it does not know "place", which host may say to it there'))
  for (const difference of differences) {
    assert.ok(!difference.includes('it may say'), difference)
    assert.ok(!known.some((label) => difference.includes(`know "${label}"`)), difference)
  }
})
