import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { HostError } from '../contract/host-error.ts'
import { freeSeat, isHeldBy, next, type SeatEvent, type SeatState, type Sitter } from './seat-state.ts'

const ada: Sitter = { sessionId: 'ada', memberId: 'o', isOwner: true, returnsAnew: false }
const bob: Sitter = { sessionId: 'bob', memberId: 'p', isOwner: false, returnsAnew: false }
const eve: Sitter = { sessionId: 'eve', memberId: 'p', isOwner: false, returnsAnew: false }

const after = (...events: readonly SeatEvent[]): SeatState => events.reduce(next, freeSeat)
const input = (by: Sitter, deliberate = true): SeatEvent => ({ type: 'input', by, deliberate })
const holder = ({ tenure }: SeatState) => (tenure.kind === 'held' ? tenure.by.sessionId : undefined)
const waiting = ({ requests }: SeatState) => requests.map(({ sessionId }) => sessionId)

test('next gives a free seat to the first who uses or asks for it', () => {
  assert.equal(holder(after(input(bob, false))), 'bob')
  assert.equal(holder(after({ type: 'request', by: bob })), 'bob')
  assert.equal(holder(after(input(bob), input(eve))), 'bob')
})

test('next gives a seat to the oldest request when its holder gives it up, leaves, is lost or idle', () => {
  const asked: SeatEvent[] = [input(ada), { type: 'request', by: bob }, { type: 'request', by: eve }]
  for (const type of ['release', 'leave', 'lost'] as const) {
    const seat = after(...asked, { type, by: ada })
    assert.equal(holder(seat), 'bob', type)
    assert.deepEqual(waiting(seat), ['eve'])
  }
  assert.equal(holder(after(...asked, { type: 'idle' })), 'bob')
  assert.equal(holder(after(input(ada), { type: 'idle' })), 'ada', 'nobody wants it')
})

test('next does not give a seat back to whoever gave it up until they ask', () => {
  const given = after(input(bob), { type: 'release', by: bob })
  assert.equal(holder(next(given, input(bob))), undefined)
  assert.equal(holder(next(given, input(eve))), 'eve')
  assert.equal(holder(next(given, { type: 'request', by: bob })), 'bob')
})

test('next keeps the seat of a lost session for it, until somebody asks or does more than move', () => {
  const kept = after(input(bob), { type: 'lost', by: bob })
  assert.equal(holder(next(kept, { type: 'enter', by: eve })), undefined, 'the same member in another session')
  assert.equal(holder(next(kept, { type: 'enter', by: bob })), 'bob')
  assert.equal(holder(next(kept, input(eve, false))), undefined)
  assert.equal(holder(next(kept, input(eve))), 'eve')
  assert.equal(holder(next(kept, { type: 'request', by: eve })), 'eve')
  assert.equal(holder(next(next(kept, { type: 'expired' }), { type: 'enter', by: bob })), undefined)
})

test('next gives a seat that was kept for a member to the first of his sessions', () => {
  const kept: SeatState = { ...freeSeat, tenure: { kind: 'kept', sessionId: undefined, memberId: 'p' } }
  assert.equal(holder(next(kept, { type: 'enter', by: ada })), undefined)
  assert.equal(holder(next(kept, { type: 'enter', by: eve })), 'eve')
})

test('next lets only the owner give away a locked seat; who has it keeps it', () => {
  const locked = after(input(bob), { type: 'lock' })
  assert.equal(holder(locked), 'bob')
  assert.throws(() => next(locked, { type: 'hand-over', by: bob, to: eve }), isRefusal('seat-locked'))
  const asked = next(locked, { type: 'request', by: eve })
  assert.equal(holder(next(asked, { type: 'idle' })), 'bob')
  const empty = next(asked, { type: 'leave', by: bob })
  assert.equal(holder(empty), undefined)
  assert.equal(holder(next(empty, input(bob))), undefined)
  assert.equal(holder(next(empty, { type: 'grant', to: bob })), 'bob')
  assert.equal(holder(next(empty, { type: 'unlock' })), 'eve', 'who has asked gets it when the lock opens')
  assert.equal(holder(next(empty, input(ada))), 'ada', 'the lock does not hold the owner up')
})

test('next hands a seat over from its holder alone, and the owner takes it back from anybody', () => {
  const seat = after(input(bob), { type: 'request', by: eve })
  assert.throws(() => next(seat, { type: 'hand-over', by: eve, to: eve }), isRefusal('seat-not-held'))
  const handed = next(seat, { type: 'hand-over', by: bob, to: eve })
  assert.deepEqual([holder(handed), waiting(handed)], ['eve', []])
  const back = next(seat, { type: 'take-back', by: ada })
  assert.deepEqual([holder(back), waiting(back)], ['ada', []])
  const nobodys = next(seat, { type: 'take-back', by: undefined })
  assert.deepEqual([holder(nobodys), waiting(nobodys)], [undefined, []])
  assert.equal(holder(next(nobodys, input(bob))), undefined)
})

test('next never leaves anybody waiting for a seat that is free and open, whatever happens', () => {
  const sitter = fc.constantFrom(ada, bob, eve)
  const event: fc.Arbitrary<SeatEvent> = fc.oneof(
    fc.record({ type: fc.constantFrom('request', 'release', 'enter', 'leave', 'lost'), by: sitter }),
    fc.record({ type: fc.constant('input' as const), by: sitter, deliberate: fc.boolean() }),
    fc.record({ type: fc.constant('hand-over' as const), by: sitter, to: sitter }),
    fc.record({ type: fc.constant('grant' as const), to: sitter }),
    fc.record({ type: fc.constant('take-back' as const), by: fc.option(sitter, { nil: undefined }) }),
    fc.record({ type: fc.constantFrom('lock', 'unlock', 'idle', 'expired') }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let seat = freeSeat
      for (const happened of events) {
        try {
          seat = next(seat, happened)
        } catch (error) {
          assert.ok(error instanceof HostError)
        }
        assert.equal(new Set(waiting(seat)).size, seat.requests.length)
        assert.ok(!seat.requests.some((by) => isHeldBy(seat, by)), 'a holder does not wait')
        if (seat.tenure.kind !== 'held' && !seat.locked) assert.deepEqual(seat.requests, [])
        if (happened.type === 'leave')
          assert.ok(!isHeldBy(seat, happened.by) && !waiting(seat).includes(happened.by.sessionId))
      }
    }),
  )
})

function isRefusal(code: HostError['code']) {
  return (error: unknown) => error instanceof HostError && error.code === code
}
