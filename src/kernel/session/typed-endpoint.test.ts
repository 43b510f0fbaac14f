import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { ManualClock } from '../manual-clock.ts'
import { again, branch, choice, loop, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { SessionError } from './contract/session-error.ts'
import { SessionStore } from './session-store.ts'
import { openTyped, type TypedEndpoints } from './typed-endpoint.ts'

const haggle = protocol(
  'haggle',
  ['buyer', 'seller', 'shipper'],
  [
    message('buyer', 'seller', 'title', v.string()),
    loop('haggle', [
      message('seller', 'buyer', 'price', v.number()),
      choice('buyer', 'seller', {
        counter: branch(v.number(), [again('haggle')]),
        accept: branch([
          message('seller', 'shipper', 'order', v.string()),
          message('shipper', 'buyer', 'date', v.string()),
        ]),
      }),
    ]),
  ],
)
type Ends = TypedEndpoints<(typeof haggle)['roles'], (typeof haggle)['body']>

const code = (wanted: SessionError['code']) => (error: unknown) =>
  error instanceof SessionError && error.code === wanted
const open = () => {
  const store = new SessionStore({ clock: new ManualClock() })
  return { store, ...openTyped(store, haggle) }
}

async function buy(start: Ends['buyer'], most: number): Promise<string> {
  let { payload: price, endpoint } = await (await start.send('title', 'Dune')).receive()
  while (price > most) {
    const answer = await (await endpoint.send('counter', price - 1)).receive()
    price = answer.payload
    endpoint = answer.endpoint
  }
  const { payload: date } = await (await endpoint.send('accept')).receive()
  return date
}

async function sell(start: Ends['seller']): Promise<void> {
  const { endpoint } = await start.receive()
  let at = await endpoint.send('price', 10)
  for (;;) {
    const answer = await at.receive()
    if (answer.label === 'accept') {
      await answer.endpoint.send('order', 'Dune')
      return
    }
    at = await answer.endpoint.send('price', answer.payload)
  }
}

test('TypedEndpoint carries a conversation of three roles through its loop to its end', async () => {
  const { store, buyer, seller, shipper } = open()
  const shipping = (async () => {
    const { payload, endpoint } = await shipper.receive()
    return endpoint.send('date', `${payload} on Monday`)
  })()
  const [date, , end] = await Promise.all([buy(buyer, 7), sell(seller), shipping])
  assert.equal(date, 'Dune on Monday')
  await end.close()
  assert.equal(store.size, 0)
})

test('TypedEndpoint rejects when it is used twice', async () => {
  const { buyer } = open()
  await buyer.send('title', 'Dune')
  await assert.rejects(buyer.send('title', 'Dune'), code('endpoint-spent'))
})

test('TypedEndpoint rejects the wrong action, label or payload when the compiler was overruled', async () => {
  // @ts-expect-error the buyer begins by sending
  await assert.rejects(async () => open().buyer.receive(), code('unexpected-action'))
  // @ts-expect-error there is no such label here
  await assert.rejects(open().buyer.send('steal'), code('unexpected-action'))
  // @ts-expect-error a title is a string
  await assert.rejects(open().buyer.send('title', 7), code('invalid-payload'))
  // @ts-expect-error a title is not left out
  await assert.rejects(open().buyer.send('title'), code('invalid-payload'))
})

test('TypedEndpoint rejects those who wait when the session ends', async () => {
  const { store, buyer, seller } = open()
  const waiting = assert.rejects(seller.receive(), code('faulted'))
  store.fault({ sid: 1, epoch: 0 }, 'test')
  await waiting
  await assert.rejects(buyer.send('title', 'Dune'), code('faulted'))
})

test('TypedEndpoint waits while the edge is full', async () => {
  const stream = protocol(
    'stream',
    ['source', 'sink'],
    [loop('s', [message('source', 'sink', 'item', v.number()), again('s')])],
  )
  const store = new SessionStore({ clock: new ManualClock() })
  const { source, sink } = openTyped(store, stream, {
    buffers: new Map([['source->sink', { mode: 'fifo', capacity: 1, policy: 'block' }]]),
  })
  const next = await source.send('item', 1)
  let sent = false
  const second = next.send('item', 2).then((end) => {
    sent = true
    return end
  })
  await Promise.resolve()
  assert.equal(sent, false)
  const first = await sink.receive()
  await second
  assert.deepEqual([first.payload, (await first.endpoint.receive()).payload], [1, 2])
})

test('TypedEndpoint can act again when its action was refused and has changed nothing', async () => {
  let offline = true
  const handler = () => {
    if (offline) throw new Error('offline')
  }
  const store = new SessionStore({ clock: new ManualClock() })
  const { buyer, seller } = openTyped(store, haggle, { handlers: new Map([['buyer->seller', handler]]) })
  await assert.rejects(buyer.send('title', 'Dune'), code('handler-refused'))
  offline = false
  await buyer.send('title', 'Dune')
  assert.equal((await seller.receive()).payload, 'Dune')
})

test('TypedEndpoint.cancel ends the session for all who wait, once', async () => {
  const { store, buyer, seller, shipper } = open()
  const told = (error: unknown) =>
    error instanceof SessionError && error.code === 'cancelled' && error.message.endsWith('changed my mind')
  const waiting = [seller.receive(), shipper.receive()].map((each) => assert.rejects(each, told))
  buyer.cancel('changed my mind')
  await Promise.all(waiting)
  shipper.cancel('me too')
  assert.equal(store.size, 0)
})

test('TypedEndpoint.close is the same for everybody at the end', async () => {
  const store = new SessionStore({ clock: new ManualClock() })
  const { a, b } = openTyped(store, protocol('once', ['a', 'b'], [message('a', 'b', 'x')]))
  const sent = await a.send('x')
  const { endpoint } = await b.receive()
  await Promise.all([sent.close(), endpoint.close()])
  await sent.close()
  assert.equal(store.size, 0)
})

test('TypedEndpoint.match gives a message to the case of its label, and wants a case for each', async () => {
  const { buyer, seller, shipper } = open()
  const asked = await buyer.send('title', 'Dune')
  const quoted = await seller.match({ title: (title, endpoint) => endpoint.send('price', title.length) })
  const { payload, endpoint } = await asked.receive()
  // @ts-expect-error "accept" has no case
  await assert.rejects(quoted.match({ counter: () => 'counter' }), code('missing-branch'))
  await endpoint.send('counter', payload - 1)
  const outcome = quoted.match({
    counter: (price) => `${price} is offered`,
    accept: (_, end) => end.send('order', 'Dune').then(() => 'sold'),
  })
  assert.equal((await outcome) satisfies string, '3 is offered')
  shipper.cancel('no')
})

test('TypedEndpoint.close is refused before the end of its type, and on an endpoint that has acted', async () => {
  const { store, buyer } = open()
  // @ts-expect-error a buyer that has said nothing cannot be done
  await assert.rejects(async () => buyer.close(), code('unexpected-action'))
  await buyer.send('title', 'Dune')
  // @ts-expect-error it has acted
  await assert.rejects(async () => buyer.close(), code('endpoint-spent'))
  assert.deepEqual(store.statusOf({ sid: 1, epoch: 0 }), { kind: 'active' })
})

test('TypedEndpoint sends what a schema takes and receives what it makes of it', async () => {
  const store = new SessionStore({ clock: new ManualClock() })
  const read = protocol(
    'read',
    ['a', 'b'],
    [
      message('a', 'b', 'count', v.pipe(v.string(), v.transform(Number))),
      message('a', 'b', 'page', v.object({ size: v.optional(v.number(), 5) })),
    ],
  )
  const { a, b } = openTyped(store, read)
  // @ts-expect-error what is sent is the text
  await assert.rejects(a.send('count', 7), code('invalid-payload'))
  await (await a.send('count', '7')).send('page', {})
  const { payload: count, endpoint } = await b.receive()
  const { payload: page } = await endpoint.receive()
  assert.deepEqual([count satisfies number, page.size satisfies number], [7, 5])
})

test('TypedEndpoint cannot be used again when only the news of its action failed', async () => {
  const store = new SessionStore({
    clock: new ManualClock(),
    onEvent: ({ type }) => {
      if (type === 'Sent') throw new Error('the log is full')
    },
  })
  const { buyer } = openTyped(store, haggle)
  await assert.rejects(buyer.send('title', 'Dune'), code('listener-failed'))
  await assert.rejects(buyer.send('title', 'Dune'), code('endpoint-spent'))
})

/** Never run: what the compiler must refuse. */
export function typeErrors(ends: Ends): void {
  // @ts-expect-error the shipper waits for its order
  void ends.shipper.send('date', 'x')
  void ends.seller.receive().then(({ label, payload, endpoint }) => {
    const title: string = payload
    // @ts-expect-error the only label here is title
    const wrong = label === 'order'
    // @ts-expect-error a price is a number
    void endpoint.send('price', title)
    return wrong
  })
}
