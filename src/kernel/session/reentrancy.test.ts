import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BufferConfig } from '../bounded-buffer.ts'
import { ManualClock } from '../manual-clock.ts'
import type { LocalType } from '../protocol/local-type.ts'
import { again, loop, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { type Schema, unchecked } from '../protocol/schema.ts'
import type { EdgeHandler } from './edge.ts'
import type { Endpoint } from './endpoint.ts'
import { SessionError } from './contract/session-error.ts'
import type { SessionEvent } from './contract/session-event.ts'
import { SessionStore } from './session-store.ts'

const once = protocol('once', ['a', 'b'], [message('a', 'b', 'm', unchecked<unknown>())])
const stream = protocol('stream', ['a', 'b'], [loop('s', [message('a', 'b', 'm', unchecked<unknown>()), again('s')])])

const code = (wanted: SessionError['code']) => (error: unknown) =>
  error instanceof SessionError && error.code === wanted

/** A session whose edge does something of its own with each message. */
function open(
  locals: { readonly a: LocalType; readonly b: LocalType },
  handler: (store: SessionStore, a: Endpoint) => void,
  capacity = 64,
  onEvent?: (event: SessionEvent, store: SessionStore) => void,
) {
  const store: SessionStore = new SessionStore({
    clock: new ManualClock(),
    ...(onEvent && { onEvent: (event: SessionEvent) => onEvent(event, store) }),
  })
  const bound: EdgeHandler = () => handler(store, a)
  const config: BufferConfig = { mode: 'fifo', capacity, policy: 'block' }
  const [a, b] = store.open({
    protocol: 'p',
    roles: ['a', 'b'],
    localTypes: [locals.a, locals.b],
    owners: ['a', 'b'],
    handlers: new Map([['a->b', bound]]),
    buffers: new Map([['a->b', config]]),
  }) as [Endpoint, Endpoint]
  const received = () => {
    const payloads: unknown[] = []
    for (let each = store.receive(b, 'a'); each; each = store.receive(b, 'a')) payloads.push(each.payload)
    return payloads
  }
  return { store, a, b, received, edge: () => store.session(a).edges.get('a->b') }
}

/** Sends once and keeps what that came to. */
function sendingOnce(outcomes: unknown[]) {
  return (store: SessionStore, a: Endpoint) => {
    if (outcomes.length > 0) return
    outcomes.push('tried')
    try {
      outcomes.push(store.send(a, 'b', 'm', 'inner'))
    } catch (error) {
      outcomes.push(error instanceof SessionError && error.code)
    }
  }
}

test('a handler that makes its role send again is refused, and the type advances once', () => {
  const outcomes: unknown[] = []
  const { store, a, edge } = open(once.locals, sendingOnce(outcomes))
  assert.equal(store.send(a, 'b', 'm', 'outer'), 'sent')
  assert.deepEqual(outcomes, ['tried', 'busy-endpoint'])
  assert.deepEqual(
    [...(edge()?.buffer.values() ?? [])].map(({ payload }) => payload),
    ['outer'],
  )
  assert.equal(store.lookupType(a).local.kind, 'end')
})

test('what was said to be sent is received although the handler sends while the edge has room for one', () => {
  const outcomes: unknown[] = []
  const { store, a, received } = open(stream.locals, sendingOnce(outcomes), 1)
  assert.equal(store.send(a, 'b', 'm', 'outer'), 'sent')
  assert.deepEqual(outcomes, ['tried', 'busy-endpoint'])
  assert.deepEqual(received(), ['outer'])
  assert.equal(store.send(a, 'b', 'm', 'next'), 'sent')
})

test('a handler that lets its own refusal out refuses the message, and nothing has changed', () => {
  const { store, a, edge } = open(once.locals, (place, end) => void place.send(end, 'b', 'm', 'inner'))
  assert.throws(() => store.send(a, 'b', 'm', 'outer'), code('handler-refused'))
  assert.equal(edge()?.buffer.size, 0)
  assert.equal(store.lookupType(a).local, once.locals.a)
})

test('a handler that ends the session makes the send fail with how it ended', () => {
  const { store, a } = open(once.locals, (place, end) => place.cancel(end, 'a', 'enough'))
  assert.throws(
    () => store.send(a, 'b', 'm'),
    (error) => code('cancelled')(error) && /enough/.test((error as Error).message),
  )
  assert.equal(store.size, 0)
})

test('nothing that is called on the way can move or remove the endpoint that acts', () => {
  const tried: unknown[] = []
  const attempts: ((place: SessionStore, end: Endpoint) => void)[] = [
    (place, end) => place.updateType(end, stream.locals.b),
    (place, end) => place.removeType(end),
    (place, end) => place.deliver(end, 'b', { label: 'm', payload: 'x', epoch: 0 }),
    (place, end) => void place.receive(end, 'b'),
  ]
  const { store, a, received } = open(stream.locals, (place, end) => {
    for (const attempt of attempts) assert.throws(() => attempt(place, end), code('busy-endpoint'))
    tried.push(attempts.length)
  })
  store.send(a, 'b', 'm', 1)
  assert.deepEqual([tried, received()], [[4], [1]])
})

test('a schema that makes its role send is refused like a handler', () => {
  const acts: Schema<unknown> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        if (value === 'outer') store.send(a, 'b', 'm', 'inner')
        return { value }
      },
    },
  }
  const meddling = protocol('p', ['a', 'b'], [loop('s', [message('a', 'b', 'm', acts), again('s')])])
  const { store, a, received } = open(meddling.locals, () => {})
  assert.throws(() => store.send(a, 'b', 'm', 'outer'), code('invalid-payload'))
  assert.deepEqual(received(), [])
})

test('a handler may act for the other roles', () => {
  const both = protocol('both', ['a', 'b'], [message('a', 'b', 'ask'), message('b', 'a', 'answer')])
  const store: SessionStore = new SessionStore({ clock: new ManualClock() })
  const [a, b] = store.open({
    protocol: 'both',
    roles: ['a', 'b'],
    localTypes: [both.locals.a, both.locals.b],
    owners: ['a', 'b'],
    handlers: new Map<`${string}->${string}`, EdgeHandler>([
      ['a->b', () => assert.equal(store.receive(b as Endpoint, 'a'), undefined)],
      ['b->a', () => {}],
    ]),
  })
  assert.ok(a && b)
  store.send(a, 'b', 'ask')
  assert.equal(store.receive(b, 'a')?.label, 'ask')
})

test('who listens may act, and hears of it after the step that it was told of', () => {
  const heard: string[] = []
  const { store, a } = open(
    stream.locals,
    () => {},
    64,
    (event, place) => {
      heard.push(event.type)
      if (event.type === 'Opened' || heard.filter((type) => type === 'Sent').length > 2) return
      if (event.type === 'Sent') place.send(a, 'b', 'm')
    },
  )
  store.send(a, 'b', 'm')
  assert.deepEqual(heard, ['Opened', 'Sent', 'Sent', 'Sent'])
})

test('a full edge whose policy is to fail refuses with an error of the session', () => {
  const store = new SessionStore({ clock: new ManualClock() })
  const [a] = store.open({
    protocol: 'p',
    roles: ['a', 'b'],
    localTypes: [stream.locals.a, stream.locals.b],
    owners: ['a', 'b'],
    handlers: new Map([['a->b', () => {}]]),
    buffers: new Map([['a->b', { mode: 'fifo', capacity: 1, policy: 'error' }]]),
  })
  assert.ok(a)
  store.send(a, 'b', 'm')
  assert.throws(() => store.send(a, 'b', 'm'), code('edge-full'))
})
