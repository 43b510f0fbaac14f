import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { ClientError } from '../contract/client-error.ts'
import { next, type ConnectionEvent, type ConnectionState, type ConnectionStatus } from './connection-state.ts'

const cause = new ClientError('media-lost', 'gone')

/** The edges of seed 003, by the event that takes each. */
const seed: readonly (readonly [ConnectionStatus, ConnectionEvent['type'], ConnectionStatus])[] = [
  ['disconnected', 'start', 'connecting'],
  ['connecting', 'ready', 'connected'],
  ['connecting', 'lost', 'reconnecting'],
  ['connecting', 'refused', 'failed'],
  ['connected', 'lost', 'reconnecting'],
  ['reconnecting', 'retry', 'connecting'],
  ['reconnecting', 'exhausted', 'failed'],
  ['connected', 'close', 'closed'],
  ['failed', 'close', 'closed'],
]
/** Where the seed's methods `close()` and `start()` lead from the states that its diagram leaves out. */
const added: typeof seed = [
  ['failed', 'start', 'connecting'],
  ['disconnected', 'close', 'closed'],
  ['connecting', 'close', 'closed'],
  ['reconnecting', 'close', 'closed'],
]

const states: readonly ConnectionState[] = [
  { status: 'disconnected' },
  { status: 'connecting', retry: 0 },
  { status: 'connected', sessionId: 's' },
  { status: 'reconnecting', retry: 1, cause },
  { status: 'failed', cause },
  { status: 'closed' },
]
const events: readonly ConnectionEvent[] = [
  { type: 'start' },
  { type: 'ready', sessionId: 's' },
  { type: 'lost', cause, retry: 3 },
  { type: 'refused', cause },
  { type: 'retry' },
  { type: 'exhausted', cause },
  { type: 'close' },
]

for (const state of states) {
  for (const event of events) {
    const edge = [...seed, ...added].find(([from, type]) => from === state.status && type === event.type)
    const name = edge ? `goes from ${state.status} to ${edge[2]}` : `stays ${state.status}`
    test(`next ${name} on ${event.type}`, () => {
      const after = next(state, event)
      if (edge) assert.equal(after.status, edge[2])
      else assert.equal(after, state)
    })
  }
}

test('next takes only edges of the seed, whatever happens in whatever order', () => {
  const allowed = new Set([...seed, ...added].map(([from, , to]) => `${from} ${to}`))
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 60 }), (sequence) => {
      let state: ConnectionState = { status: 'disconnected' }
      for (const event of sequence) {
        const after = next(state, event)
        assert.ok(after === state || allowed.has(`${state.status} ${after.status}`))
        if (state.status === 'closed') assert.equal(after, state)
        state = after
      }
    }),
  )
})

test('next carries the number of the retry from the loss to the try', () => {
  const lost = next({ status: 'connected', sessionId: 's' }, { type: 'lost', cause, retry: 4 })
  assert.deepEqual(lost, { status: 'reconnecting', retry: 4, cause })
  assert.deepEqual(next(lost, { type: 'retry' }), { status: 'connecting', retry: 4 })
})

test('next fails with the last word, not with what was lost first', () => {
  const verdict = new ClientError('session-ended', 'stopped')
  const failed = next({ status: 'reconnecting', retry: 1, cause }, { type: 'exhausted', cause: verdict })
  assert.deepEqual(failed, { status: 'failed', cause: verdict })
})
