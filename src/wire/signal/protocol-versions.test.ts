import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversation } from '../../kernel/monitor/conversation.ts'
import { isSubtype } from '../../kernel/monitor/conversation-subtype.ts'
import { forever, message } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { signalling } from './protocol.ts'

const roles = ['client', 'host'] as const

test('signalling is safe with itself at both ends', () => {
  for (const role of signalling.roles) assert.deepEqual(isSubtype(signalling, signalling, role), { isSubtype: true })
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
