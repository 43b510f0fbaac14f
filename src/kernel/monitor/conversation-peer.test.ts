import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { again, branch, choice, forever, loop, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { decodedWords, speaker, wordsOf } from '../protocol/speaker.ts'
import { conversation, ConversationMonitor, planConversation } from './conversation.ts'
import { ConversationPeer } from './conversation-peer.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import type { Handlers, SaidBy } from './typed-conversation.ts'

const roles = ['client', 'host'] as const
const says = v.variant('type', [
  v.object({ type: v.literal('offer'), sdp: v.string() }),
  v.object({ type: v.literal('leave') }),
])
const client = speaker('client', 'host', wordsOf(says.options))
type Answer =
  | { readonly type: 'answer'; readonly sdp: string }
  | { readonly type: 'refused' | 'later'; readonly why: number }
const host = speaker(
  'host',
  'client',
  decodedWords<Answer>({ answer: 'decoded', refused: 'decoded', later: 'decoded' }),
)
const wire = conversation('wire', roles, [
  protocol('offers', roles, [forever([client.says('offer'), host.says('answer', 'refused')])]),
  protocol('leaving', roles, [client.stream('leave')] as const),
  protocol('waiting', roles, [
    loop('wait', [
      choice('host', 'client', {
        later: branch(v.object({ type: v.literal('later'), why: v.number() }), [again('wait')]),
        'no-more': branch(),
      }),
    ]),
    message('client', 'host', 'fine', v.object({ type: v.literal('fine') })),
  ]),
])

function both() {
  const heard: string[] = []
  const watch = (role: 'client' | 'host') => new ConversationMonitor(planConversation(wire, role))
  const sent: { client: SaidBy<typeof wire, 'client'>[]; host: SaidBy<typeof wire, 'host'>[] } = {
    client: [],
    host: [],
  }
  const atClient = new ConversationPeer({
    conversation: wire,
    role: 'client',
    watch: watch('client'),
    write: (said) => void sent.client.push(said),
  })
  const atHost = new ConversationPeer({
    conversation: wire,
    role: 'host',
    watch: watch('host'),
    write: (said) => void sent.host.push(said),
  })
  atHost.on({
    offer: ({ sdp }) => void heard.push(`offer ${sdp}`),
    leave: () => void heard.push('leave'),
    fine: () => void heard.push('fine'),
  })
  return { atClient, atHost, heard, sent }
}

test('ConversationPeer sends what the conversation has, and hands what comes to its handler', () => {
  const { atClient, atHost, heard, sent } = both()
  atClient.send('offer', { sdp: 'v=0' })
  atClient.send('leave')
  assert.deepEqual(sent.client, [{ type: 'offer', sdp: 'v=0' }, { type: 'leave' }])
  for (const said of sent.client) atHost.receive(said)
  atHost.send('refused', { why: 3 })
  assert.deepEqual(heard, ['offer v=0', 'leave'])
  assert.deepEqual(sent.host, [{ type: 'refused', why: 3 }])
})

test('ConversationPeer neither sends nor hands on what may not be said now', () => {
  const { atClient, atHost, heard, sent } = both()
  assert.throws(() => atHost.send('answer', { sdp: '' }), ProtocolViolation)
  atClient.send('offer', { sdp: '' })
  assert.throws(() => atClient.say({ type: 'offer', sdp: '' }), { code: 'unexpected-message' })
  assert.deepEqual([sent.host.length, sent.client.length], [0, 1])
  const strict = both()
  strict.atHost.receive({ type: 'offer', sdp: 'one' })
  assert.throws(() => strict.atHost.receive({ type: 'offer', sdp: 'two' }), { code: 'unexpected-message' })
  assert.deepEqual([heard, strict.heard], [[], ['offer one']])
})

test('what the conversation does not have does not compile', () => {
  const compiles = (_run: () => void) => {}
  const { atClient, atHost } = both()
  compiles(() => {
    // @ts-expect-error The client never says it.
    atClient.send('answer', { sdp: '' })
    // @ts-expect-error Nobody says it.
    atClient.send('ofer', { sdp: '' })
    // @ts-expect-error Its contents are missing.
    atClient.send('offer')
    // @ts-expect-error Its contents are others.
    atClient.send('offer', { sdp: 7 })
    // @ts-expect-error It has no contents.
    atClient.send('leave', { sdp: '' })
    // @ts-expect-error The host does not hear its own words.
    atHost.receive({ type: 'answer', sdp: '' })
    // @ts-expect-error The branch of `leave` is missing.
    atHost.on({ offer: () => {}, fine: () => {} })
    // @ts-expect-error Nobody says `steal`.
    atHost.on({ offer: () => {}, leave: () => {}, fine: () => {}, steal: () => {} })
    // @ts-expect-error Its contents are others.
    atHost.on({ offer: ({ sdp }: { sdp: number }) => void sdp, leave: () => {}, fine: () => {} })
    const watch = { sent() {}, received() {} }
    // @ts-expect-error There is no such role.
    void new ConversationPeer({ conversation: wire, role: 'thief', watch, write() {} })
    // @ts-expect-error The host has no such word.
    host.says('offer')
    // @ts-expect-error `later` is left out.
    decodedWords<Answer>({ answer: 'decoded', refused: 'decoded' })
  })
  const ears: Handlers<typeof wire, 'client'> = {
    answer: ({ sdp }) => void sdp.length,
    refused: ({ why }) => void why.toFixed(),
    later: ({ why }) => void why.toFixed(),
    'no-more': () => {},
  }
  assert.equal(Object.keys(ears).length, 4)
})
