import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../manual-clock.ts'
import { endType, type LocalType } from '../protocol/local-type.ts'
import { again, branch, choice, loop, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { unchecked } from '../protocol/schema.ts'
import { type EdgeHandler, type EdgeName, passThrough } from './edge.ts'
import type { OpenRequest } from './open-request.ts'
import { SessionError } from './contract/session-error.ts'
import type { SessionEvent } from './contract/session-event.ts'
import { SessionStore } from './session-store.ts'

const order = protocol(
  'order',
  ['buyer', 'seller'],
  [
    message('buyer', 'seller', 'title', unchecked<string>()),
    choice('seller', 'buyer', { sold: branch(), none: branch() }),
  ],
)

const request = (change: Partial<OpenRequest> = {}): OpenRequest => ({
  protocol: 'order',
  roles: ['buyer', 'seller'],
  localTypes: [order.locals.buyer, order.locals.seller],
  owners: ['me', 'you'],
  handlers: new Map<EdgeName, EdgeHandler>([
    ['buyer->seller', passThrough],
    ['seller->buyer', passThrough],
  ]),
  ...change,
})

function place() {
  const clock = new ManualClock()
  const events: SessionEvent[] = []
  const store = new SessionStore({ clock, onEvent: (event) => events.push(event), drainMs: 100 })
  const open = (change?: Partial<OpenRequest>) => {
    const [buyer, seller] = store.open(request(change))
    assert.ok(buyer && seller)
    return { buyer, seller }
  }
  return { clock, events, store, open, types: () => events.map((event) => event.type) }
}

const code = (wanted: SessionError['code']) => (error: unknown) =>
  error instanceof SessionError && error.code === wanted

test('SessionStore tells what happens in a fixed order', () => {
  const { store, open, events, types } = place()
  const { buyer, seller } = open()
  store.send(buyer, 'seller', 'title', 'Dune')
  store.receive(seller, 'buyer')
  store.send(seller, 'buyer', 'sold')
  store.receive(buyer, 'seller')
  void store.close(buyer, 'me')
  assert.deepEqual(types(), [
    'Opened',
    'Sent',
    'Received',
    'Chose',
    'Sent',
    'Received',
    'Offered',
    'Closed',
    'EpochAdvanced',
  ])
  assert.deepEqual(events.at(-1), { type: 'EpochAdvanced', sid: 1, epoch: 1 })
})

const refused: [SessionError['code'], Partial<OpenRequest>][] = [
  ['duplicate-role', { roles: ['buyer', 'buyer'] }],
  ['arity-mismatch', { localTypes: [order.locals.buyer] }],
  ['arity-mismatch', { owners: ['me'] }],
  ['missing-handler', { handlers: new Map([['buyer->seller', passThrough]]) }],
  ['unknown-role', { roles: ['buyer', 'clerk'] }],
  ['unmatched-edge', { localTypes: [order.locals.buyer, endType] }],
  ['lossy-edge', { buffers: new Map([['buyer->seller', { mode: 'latestValue', capacity: 1, policy: 'block' }]]) }],
  ['lossy-edge', { buffers: new Map([['seller->buyer', { mode: 'fifo', capacity: 1, policy: 'drop' }]]) }],
]

for (const [index, [wanted, change]] of refused.entries()) {
  test(`SessionStore.open refuses with ${wanted} and allocates nothing (${index})`, () => {
    const { store, events } = place()
    assert.throws(() => store.open(request(change)), code(wanted))
    assert.equal(store.size, 0)
    assert.deepEqual(events, [])
    assert.equal(store.open(request())[0]?.sid, 1)
  })
}

test('SessionStore.open makes buffers only for edges that the protocol has', () => {
  const oneWay = protocol('one way', ['a', 'b', 'c'], [message('a', 'b', 'x'), message('b', 'c', 'y')])
  const { store } = place()
  const [a] = store.open({
    protocol: 'one way',
    roles: oneWay.roles,
    localTypes: Object.values<LocalType>(oneWay.locals),
    owners: [1, 2, 3],
    handlers: new Map<EdgeName, EdgeHandler>([
      ['a->b', passThrough],
      ['b->c', passThrough],
    ]),
  })
  assert.ok(a)
  assert.deepEqual([...store.session(a).edges.keys()], ['a->b', 'b->c'])
})

test('SessionStore.open refuses when too many sessions are open, until one ends', () => {
  const store = new SessionStore({ clock: new ManualClock(), maxSessions: 1 })
  const [buyer] = store.open(request())
  assert.ok(buyer)
  assert.throws(() => store.open(request()), code('too-many-sessions'))
  store.cancel(buyer, 'me', 'enough')
  assert.equal(store.open(request())[0]?.sid, 2)
})

test('SessionStore refuses what a type does not allow and changes nothing', () => {
  const { store, open } = place()
  const { buyer, seller } = open()
  assert.throws(() => store.send(seller, 'buyer', 'sold'), code('unexpected-action'))
  assert.throws(() => store.receive(buyer, 'seller'), code('unexpected-action'))
  assert.throws(() => store.send(buyer, 'seller', 'sold'), code('unexpected-action'))
  assert.equal(store.receive(seller, 'buyer'), undefined)
  assert.equal(store.send(buyer, 'seller', 'title', 'Dune'), 'sent')
})

test('SessionStore tells the sender when the handler of an edge refuses, and nothing is under way', () => {
  const { store, open } = place()
  let offline = true
  const { buyer } = open({
    handlers: new Map<EdgeName, EdgeHandler>([
      [
        'buyer->seller',
        () => {
          if (offline) throw new Error('offline')
        },
      ],
      ['seller->buyer', passThrough],
    ]),
  })
  assert.throws(() => store.send(buyer, 'seller', 'title', 'Dune'), code('handler-refused'))
  offline = false
  assert.equal(store.send(buyer, 'seller', 'title', 'Dune'), 'sent')
})

test('SessionStore.close and transfer want the owner', () => {
  const { store, open } = place()
  const { buyer } = open()
  assert.throws(() => store.close(buyer, 'you'), code('not-owner'))
  const given = store.transfer(buyer, 'me', 'you')
  assert.throws(() => store.transfer(buyer, 'me', 'me'), code('not-owner'))
  assert.throws(() => store.transfer(given, 'me', 'me'), code('not-owner'))
  assert.equal(store.ownerOf(given), 'you')
})

test('SessionStore.cancel and fault end at once, with their reason', () => {
  const { store, open, events } = place()
  const { buyer } = open()
  store.send(buyer, 'seller', 'title', 'Dune')
  store.cancel(buyer, 'me', 'changed my mind')
  const second = open()
  store.fault(second.seller, 'nonsense')
  assert.deepEqual(
    events.filter((event) => event.type === 'Cancelled' || event.type === 'Faulted'),
    [
      { type: 'Cancelled', sid: 1, epoch: 0, reason: 'changed my mind' },
      { type: 'Faulted', sid: 2, epoch: 0, reason: 'nonsense' },
    ],
  )
})

test('SessionStore refuses endpoints of an old epoch and of sessions that never were', () => {
  const { store, open } = place()
  const { buyer } = open()
  store.cancel(buyer, 'me', 'x')
  assert.throws(() => store.send(buyer, 'seller', 'title', 'Dune'), code('cancelled'))
  assert.throws(() => store.lookupType({ ...buyer, sid: 99 }), code('unknown-session'))
  assert.throws(() => store.lookupType({ ...open().buyer, epoch: 7 }), code('stale-epoch'))
})

test('SessionStore looks up, updates and removes types', () => {
  const { store, open } = place()
  const { buyer, seller } = open()
  assert.equal(store.lookupType(buyer).local, order.locals.buyer)
  store.updateType(buyer, endType)
  store.updateOriginal(buyer, endType)
  assert.equal(store.lookupType(buyer).local, endType)
  assert.equal(store.originalType(buyer), endType)
  store.removeType(seller)
  assert.throws(() => store.lookupType(seller), code('removed-endpoint'))
})

test('SessionStore resolves an outer loop from inside an inner one', () => {
  const nested = protocol(
    'nested',
    ['a', 'b'],
    [
      loop('outer', [
        message('a', 'b', 'begin'),
        loop('inner', [choice('a', 'b', { more: branch([again('inner')]), next: branch([again('outer')]) })]),
      ]),
    ],
  )
  const { store } = place()
  const [a, b] = store.open({
    protocol: 'nested',
    roles: nested.roles,
    localTypes: [nested.locals.a, nested.locals.b],
    owners: [1, 2],
    handlers: new Map([['a->b', passThrough]]),
  })
  assert.ok(a && b)
  for (const label of ['begin', 'more', 'more', 'next', 'begin', 'next', 'begin']) {
    store.send(a, 'b', label)
    assert.equal(store.receive(b, 'a')?.label, label)
  }
  assert.throws(() => store.send(a, 'b', 'begin'), code('unexpected-action'))
})

test('SessionStore lets a stream lose old values when its edge says so', () => {
  const stream = protocol('stream', ['a', 'b'], [loop('s', [message('a', 'b', 'at', unchecked<number>()), again('s')])])
  const { store } = place()
  const [a, b] = store.open({
    protocol: 'stream',
    roles: stream.roles,
    localTypes: [stream.locals.a, stream.locals.b],
    owners: [1, 2],
    handlers: new Map([['a->b', passThrough]]),
    buffers: new Map([['a->b', { mode: 'latestValue', capacity: 1, policy: 'block' }]]),
  })
  assert.ok(a && b)
  for (const value of [1, 2, 3]) store.send(a, 'b', 'at', value)
  assert.equal(store.receive(b, 'a')?.payload, 3)
  assert.equal(store.receive(b, 'a'), undefined)
})

test('SessionStore.open refuses a session that nobody could close, and buffers of edges that are not there', () => {
  const { store } = place()
  const nobody = { roles: [], localTypes: [], owners: [] }
  assert.throws(() => store.open(request(nobody)), code('arity-mismatch'))
  const buffers = new Map([['seller->nobody', { mode: 'fifo', capacity: 1, policy: 'block' }]] as const)
  assert.throws(() => store.open(request({ buffers })), code('unmatched-edge'))
  assert.equal(store.size, 0)
})

test('SessionStore ends a session whole although a listener throws', async () => {
  const clock = new ManualClock()
  const store = new SessionStore({
    clock,
    onEvent: ({ type }) => {
      if (type === 'Closed' || type === 'Faulted') throw new Error('listener')
    },
  })
  const [buyer, seller] = store.open(request())
  assert.ok(buyer && seller)
  const edge = store.session(seller).edges.get('buyer->seller')
  store.send(buyer, 'seller', 'title', 'Dune')
  store.receive(seller, 'buyer')
  store.send(seller, 'buyer', 'none')
  const closing = store.close(seller, 'you')
  const changed = edge?.buffer.changed()
  assert.throws(() => store.fault(buyer, 'x'), code('listener-failed'))
  await Promise.all([closing, changed])
  assert.deepEqual([store.size, clock.pending, edge?.buffer.size], [0, 0, 0])
})

test('SessionStore keeps what is under way of an edge as its trace', () => {
  const { store, open } = place()
  const { buyer, seller } = open()
  const edge = store.session(buyer).edges.get('buyer->seller')
  store.send(buyer, 'seller', 'title', 'Dune')
  assert.deepEqual(edge?.trace, ['title'])
  store.receive(seller, 'buyer')
  assert.deepEqual(edge.trace, [])
})

test('SessionStore does not hang on a type that only begins again', () => {
  const { store, open } = place()
  const { buyer } = open()
  store.updateType(buyer, { kind: 'mu', name: 'x', body: { kind: 'var', name: 'x' } })
  assert.throws(() => store.send(buyer, 'seller', 'title', 'Dune'), code('unexpected-action'))
})
