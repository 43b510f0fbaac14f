import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../manual-clock.ts'
import { branch, choice, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { unchecked } from '../protocol/schema.ts'
import { type EdgeHandler, type EdgeName, passThrough } from './edge.ts'
import type { Endpoint } from './endpoint.ts'
import { SessionError } from './contract/session-error.ts'
import type { SessionEvent } from './contract/session-event.ts'
import { SessionStore, type SessionStoreOptions } from './session-store.ts'

/** The seller is done first; the shipper then still has something to send to the buyer. */
const order = protocol(
  'order',
  ['buyer', 'seller', 'shipper'],
  [
    message('buyer', 'seller', 'title', unchecked<string>()),
    message('seller', 'shipper', 'order'),
    choice('shipper', 'buyer', { date: branch(), never: branch() }),
  ],
)

function place(options: Partial<SessionStoreOptions> = {}) {
  const clock = new ManualClock()
  const events: SessionEvent[] = []
  const store = new SessionStore({ clock, onEvent: (event) => events.push(event), drainMs: 100, ...options })
  const open = () => {
    const [buyer, seller, shipper] = store.open({
      protocol: order.name,
      roles: order.roles,
      localTypes: [order.locals.buyer, order.locals.seller, order.locals.shipper],
      owners: ['buyer', 'seller', 'shipper'],
      handlers: new Map<EdgeName, EdgeHandler>([
        ['buyer->seller', passThrough],
        ['seller->shipper', passThrough],
        ['shipper->buyer', passThrough],
      ]),
    }) as [Endpoint, Endpoint, Endpoint]
    return { buyer, seller, shipper }
  }
  return { clock, events, store, open, closed: () => events.find((event) => event.type === 'Closed') }
}

const code = (wanted: SessionError['code']) => (error: unknown) =>
  error instanceof SessionError && error.code === wanted

/** Brings the seller to its end. */
function sell(store: SessionStore, { buyer, seller }: ReturnType<ReturnType<typeof place>['open']>): void {
  store.send(buyer, 'seller', 'title', 'Dune')
  store.receive(seller, 'buyer')
  store.send(seller, 'shipper', 'order')
}

test('SessionStore.close of the first that is done lets the others come to their ends, then ends the session', async () => {
  const { store, open, clock, closed } = place()
  const ends = open()
  sell(store, ends)
  const closing = store.close(ends.seller, 'seller')
  assert.deepEqual(store.statusOf(ends.seller), { kind: 'draining' })
  store.receive(ends.shipper, 'seller')
  // What the seller has sent was taken: it has nothing left to wait for.
  await closing
  store.send(ends.shipper, 'buyer', 'date')
  assert.equal(store.size, 1)
  assert.equal(store.receive(ends.buyer, 'shipper')?.label, 'date')
  assert.deepEqual(closed(), { type: 'Closed', sid: 1, epoch: 0, undelivered: 0, unfinished: [] })
  assert.deepEqual([store.size, clock.pending], [0, 0])
})

test('SessionStore.close ends the session at its deadline, and tells who had not come to an end and what was lost', async () => {
  const { store, open, clock, closed } = place()
  const ends = open()
  sell(store, ends)
  const closing = store.close(ends.seller, 'seller')
  clock.advance(99)
  assert.equal(store.size, 1)
  clock.advance(1)
  await closing
  assert.deepEqual(closed(), { type: 'Closed', sid: 1, epoch: 0, undelivered: 1, unfinished: ['buyer', 'shipper'] })
  assert.throws(() => store.send(ends.shipper, 'buyer', 'date'), code('closed'))
})

test('SessionStore.close is refused before the end of one’s own type, and changes nothing', () => {
  const { store, open } = place()
  const ends = open()
  for (const role of order.roles) assert.throws(() => store.close(ends[role], role), code('unexpected-action'))
  assert.deepEqual(store.statusOf(ends.buyer), { kind: 'active' })
  sell(store, ends)
  assert.throws(() => store.close(ends.buyer, 'buyer'), code('unexpected-action'))
})

test('SessionStore.close without a time to drain is that of seed 004: at once, for everybody, wherever they are', async () => {
  const { store, open, closed, events } = place({ drainMs: 0 })
  const ends = open()
  store.send(ends.buyer, 'seller', 'title', 'Dune')
  await store.close(ends.buyer, 'buyer')
  assert.deepEqual(closed(), {
    type: 'Closed',
    sid: 1,
    epoch: 0,
    undelivered: 1,
    unfinished: ['buyer', 'seller', 'shipper'],
  })
  assert.deepEqual(events.at(-1), { type: 'EpochAdvanced', sid: 1, epoch: 1 })
})

test('SessionStore.close can be said by all and again, and does nothing once the session has ended', async () => {
  const { store, open, events } = place()
  const ends = open()
  sell(store, ends)
  const closing = [store.close(ends.seller, 'seller'), store.close(ends.seller, 'seller')]
  store.receive(ends.shipper, 'seller')
  store.send(ends.shipper, 'buyer', 'never')
  closing.push(store.close(ends.shipper, 'shipper'))
  store.receive(ends.buyer, 'shipper')
  await Promise.all([...closing, store.close(ends.buyer, 'buyer')])
  assert.equal(events.filter((event) => event.type === 'Closed').length, 1)
  assert.throws(() => store.close({ ...ends.buyer, sid: 99 }, 'buyer'), code('unknown-session'))
})

test('SessionStore.finish sets the others no time', () => {
  const { store, open, clock, closed } = place()
  const ends = open()
  sell(store, ends)
  store.finish(ends.seller, 'seller')
  clock.advance(1_000_000)
  store.receive(ends.shipper, 'seller')
  store.send(ends.shipper, 'buyer', 'date')
  store.receive(ends.buyer, 'shipper')
  store.finish(ends.shipper, 'shipper')
  assert.equal(store.size, 1)
  assert.throws(() => store.finish(open().buyer, 'buyer'), code('unexpected-action'))
  store.finish(ends.buyer, 'buyer')
  assert.equal(closed()?.undelivered, 0)
})

test('SessionStore tells who asks later how a session ended, for a bounded while', () => {
  const { store, open, clock } = place({ maxEnded: 2, keepEndedMs: 1000 })
  const [first, second, third] = [open(), open(), open()]
  store.cancel(first.buyer, 'buyer', 'no money')
  store.fault(second.buyer, 'nonsense')
  assert.deepEqual(store.statusOf(first.seller), { kind: 'cancelled', reason: 'no money' })
  assert.deepEqual(store.statusOf(second.seller), { kind: 'faulted', reason: 'nonsense' })
  assert.throws(
    () => store.receive(first.seller, 'buyer'),
    (error) =>
      error instanceof SessionError &&
      error.code === 'cancelled' &&
      error.message === 'Session 1 ("order") was cancelled: no money' &&
      error.status?.kind === 'cancelled',
  )
  store.fault(third.buyer, 'more nonsense')
  assert.throws(() => store.statusOf(first.seller), code('stale-epoch'))
  clock.advance(1000)
  assert.throws(() => store.statusOf(third.seller), code('stale-epoch'))
})

test('SessionStore refuses bounds that are no numbers, and is asked about anything', () => {
  const clock = new ManualClock()
  for (const options of [
    { maxSessions: Number.NaN },
    { drainMs: -1 },
    { maxEnded: 0.5 },
    { keepEndedMs: Number.NaN },
  ]) {
    assert.throws(() => new SessionStore({ clock, ...options }), code('malformed-option'))
  }
  const store = new SessionStore({ clock })
  for (const nothing of [{}, { sid: 1 }, { sid: Number.NaN, epoch: 0 }] as unknown as Endpoint[]) {
    assert.equal(store.isOpen(nothing), false)
    assert.equal(store.isOwner(nothing, 'me'), false)
    assert.throws(() => store.session(nothing), code('unknown-session'))
    assert.throws(() => store.statusOf(nothing), code('unknown-session'))
  }
})

test('SessionStore lets nobody act with an endpoint that was handed on', () => {
  const { store, open } = place()
  const { buyer } = open()
  const given = store.transfer(buyer, 'buyer', 'heir')
  assert.throws(() => store.send(buyer, 'seller', 'title', 'Dune'), code('not-owner'))
  assert.throws(() => store.receive(buyer, 'shipper'), code('not-owner'))
  assert.deepEqual([store.isOwner(buyer, 'heir'), store.isOwner(given, 'heir')], [false, true])
  assert.equal(store.send(given, 'seller', 'title', 'Dune'), 'sent')
  assert.deepEqual(store.ownedBy('heir'), [given])
  assert.deepEqual(store.ownedBy('buyer'), [])
})

test('SessionStore.ownedBy follows openings, transfers and ends', () => {
  const { store, open } = place()
  assert.deepEqual(store.ownedBy('buyer'), [])
  const [first, second] = [open(), open()]
  assert.deepEqual(store.ownedBy('buyer'), [first.buyer, second.buyer])
  const moved = store.transfer(first.seller, 'seller', 'buyer')
  assert.deepEqual(store.ownedBy('buyer'), [first.buyer, moved, second.buyer])
  store.fault(first.buyer, 'x')
  assert.deepEqual(store.ownedBy('buyer'), [second.buyer])
})
