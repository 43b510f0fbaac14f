import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ClientMessage } from '../../../wire/signal/messages.ts'
import { closeCodeOf, type EndCause } from './end-cause.ts'
import { maxCandidates, next, type SignalEvent, type SignalState } from './signal-state.ts'

const messages = {
  offer: { type: 'offer', signal: { type: 'offer', sdp: 'v=0' } },
  candidate: { type: 'candidate', candidate: '' },
  join: { type: 'join', lobbyId: 'lobby' },
  leave: { type: 'leave' },
  reconnect: { type: 'reconnect', sessionId: 'session' },
  limit: { type: 'limit', bitrateBps: 0 },
  'clipboard-follow': { type: 'clipboard-follow', on: true },
  'clipboard-write': { type: 'clipboard-write', text: 'a', more: false },
  'clipboard-taken': { type: 'clipboard-taken' },
  'web-media': { type: 'web-media', codecs: ['h264'], audio: true },
  deliver: { type: 'deliver', outbox: 'x'.repeat(22), deliveries: [{ sequence: 1, do: 'say', text: 'Hello' }] },
  ping: { type: 'ping', timestamp: 0 },
  pong: { type: 'pong', timestamp: 0 },
  bye: { type: 'bye' },
} as const satisfies Record<ClientMessage['type'], ClientMessage>

const say = (...types: ClientMessage['type'][]): SignalState =>
  types.reduce<SignalState>((state, type) => next(state, { type: 'message', message: messages[type] }), {
    phase: 'greeted',
  })
const faultOf = (state: SignalState) =>
  state.phase === 'ended' && state.cause.kind === 'fault' ? state.cause.code : undefined

test('next takes offers, candidates and wishes in any order that makes sense', () => {
  assert.deepEqual(say('ping', 'pong'), { phase: 'greeted' })
  assert.deepEqual(say('join', 'offer', 'candidate', 'candidate', 'leave', 'limit'), {
    phase: 'engaged',
    candidates: 2,
  })
  assert.deepEqual(say('offer', 'candidate', 'offer'), { phase: 'engaged', candidates: 0 })
  assert.deepEqual(say('offer', 'bye'), { phase: 'ended', cause: { kind: 'left' } })
})

test('next takes reconnect as the first word only', () => {
  assert.deepEqual(say('ping', 'reconnect'), { phase: 'resuming' })
  for (const before of ['offer', 'join', 'leave', 'limit', 'reconnect'] as const) {
    assert.equal(faultOf(say(before, 'reconnect')), 'out-of-order', before)
  }
  assert.deepEqual(next({ phase: 'resuming' }, { type: 'resumed' }), { phase: 'engaged', candidates: undefined })
})

test('next takes candidates after an offer, and not too many of them', () => {
  assert.equal(faultOf(say('candidate')), 'out-of-order')
  assert.equal(faultOf(say('join', 'candidate')), 'out-of-order')
  const many = Array.from({ length: maxCandidates }, () => 'candidate' as const)
  assert.equal(faultOf(say('offer', ...many)), undefined)
  assert.equal(faultOf(say('offer', ...many, 'candidate')), 'out-of-order')
  assert.equal(faultOf(say('offer', ...many, 'offer', 'candidate')), undefined)
})

test('next never leaves the end, and its first cause counts', () => {
  const event = fc.oneof(
    fc.constantFrom(...Object.values(messages)).map((message): SignalEvent => ({ type: 'message', message })),
    fc.constantFrom<SignalEvent>(
      { type: 'resumed' },
      { type: 'end', cause: { kind: 'lost' } },
      { type: 'end', cause: { kind: 'gateway-closed' } },
    ),
  )
  fc.assert(
    fc.property(fc.array(event), (events) => {
      let state: SignalState = { phase: 'greeted' }
      for (const one of events) {
        const after = next(state, one)
        if (state.phase === 'ended') assert.equal(after, state)
        if (after.phase === 'greeted') assert.equal(state.phase, 'greeted')
        state = after
      }
    }),
  )
})

test('closeCodeOf tells a client that may come back from one that need not', () => {
  const cases: [EndCause, number | undefined][] = [
    [{ kind: 'left' }, 1000],
    [{ kind: 'lost' }, undefined],
    [{ kind: 'page-closed' }, undefined],
    [{ kind: 'revoked' }, 4401],
    [{ kind: 'surrendered' }, 4403],
    [{ kind: 'session-ended', reason: 'stopped' }, 4403],
    [{ kind: 'gateway-closed' }, 4403],
    [{ kind: 'fault', code: 'malformed', message: '' }, 4400],
    [{ kind: 'fault', code: 'flood', message: '' }, 4429],
  ]
  for (const [cause, code] of cases) assert.equal(closeCodeOf(cause), code, cause.kind)
})
