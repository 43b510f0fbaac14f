import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../manual-clock.ts'
import { Monitor, planMonitor } from '../monitor/monitor.ts'
import { ProtocolViolation } from '../monitor/protocol-violation.ts'
import { formatLocal } from '../protocol/local-type.ts'
import { again, branch, choice, late, loop, lost, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { SessionStore } from './session-store.ts'
import { openTyped } from './typed-endpoint.ts'

/** A price that is not there in a second is not waited for: the buyer does without it, and says so. */
const quick = protocol(
  'quick',
  ['buyer', 'seller', 'clerk'],
  [
    loop('asking', [
      message('buyer', 'seller', 'ask'),
      choice('seller', 'buyer', {
        price: branch([message('buyer', 'clerk', 'paid'), message('buyer', 'seller', 'thanks'), again('asking')]),
        slow: late(
          [message('buyer', 'clerk', 'guessed'), message('buyer', 'seller', 'never-mind'), again('asking')],
          1000,
        ),
        gone: lost([message('buyer', 'clerk', 'closed')], 10_000),
      }),
    ]),
  ],
)

const open = () => {
  const clock = new ManualClock()
  const events: string[] = []
  const store = new SessionStore({ clock, onEvent: ({ type }) => events.push(type) })
  return { clock, store, events, ...openTyped(store, quick) }
}
const endpoint = (role: string) => ({ sid: 1, role, epoch: 0, transfers: 0 })

test('who is late is told by what follows, and nobody else has a branch for it', () => {
  assert.equal(
    formatLocal(quick.locals.seller),
    'μasking.?buyer{ask.!buyer{price.?buyer{thanks.asking, never-mind.asking}}}',
  )
  assert.equal(formatLocal(quick.locals.clerk), 'μasking.?buyer{paid.asking, guessed.asking, closed.end}')
})

test('a receiver that has waited for so long goes on, and what comes then is dropped, in virtual time', async () => {
  const { clock, store, events, buyer, seller, clerk } = open()
  const asking = (await buyer.send('ask')).match({
    price: () => 'price',
    slow: async (_, next) => await (await next.send('guessed')).send('never-mind'),
    gone: () => 'gone',
  })
  const asked = await seller.receive()
  clock.advance(999)
  assert.ok(!events.includes('Late'))
  clock.advance(1)
  const going = await asking
  assert.ok(typeof going === 'object')
  assert.equal((await clerk.receive()).label, 'guessed')
  const before = events.length
  const answered = await asked.endpoint.send('price')
  assert.deepEqual(events.slice(before), ['Sent'])
  assert.equal(store.session(endpoint('buyer')).edges.get('seller->buyer')?.buffer.size, 0)
  const told = await answered.receive()
  assert.equal(told.label, 'never-mind')
  // The next question is answered in time.
  const second = (await going.send('ask')).receive()
  await (await told.endpoint.receive()).endpoint.send('price')
  assert.equal((await second).label, 'price')
  assert.equal(clock.pending, 0)
})

test('nobody is late twice at a time: the limit begins when what was late has come, and the loss does not wait for it', async () => {
  const { clock, store, events } = open()
  const ask = () => {
    store.send(endpoint('buyer'), 'seller', 'ask')
    return store.receive(endpoint('buyer'), 'seller')?.label
  }
  assert.equal(ask(), undefined)
  clock.advance(1000)
  assert.equal(store.receive(endpoint('buyer'), 'seller')?.label, 'slow')
  store.send(endpoint('buyer'), 'clerk', 'guessed')
  store.send(endpoint('buyer'), 'seller', 'never-mind')
  assert.equal(ask(), undefined)
  clock.advance(5000)
  assert.equal(events.filter((each) => each === 'Late').length, 1)
  assert.equal(store.receive(endpoint('seller'), 'buyer')?.label, 'ask')
  assert.equal(store.send(endpoint('seller'), 'buyer', 'price'), 'dropped')
  assert.equal(store.receive(endpoint('buyer'), 'seller'), undefined)
  clock.advance(1000)
  assert.equal(store.receive(endpoint('buyer'), 'seller')?.label, 'slow')
  store.send(endpoint('buyer'), 'clerk', 'guessed')
  store.send(endpoint('buyer'), 'seller', 'never-mind')
  assert.equal(ask(), undefined)
  clock.advance(10_000)
  assert.equal(store.receive(endpoint('buyer'), 'seller')?.label, 'gone')
})

test('what has come is in time, however late it is asked for', () => {
  const { clock, store } = open()
  store.send(endpoint('buyer'), 'seller', 'ask')
  assert.equal(store.receive(endpoint('buyer'), 'seller'), undefined)
  store.receive(endpoint('seller'), 'buyer')
  clock.advance(1000)
  assert.equal(store.send(endpoint('seller'), 'buyer', 'price'), 'sent')
  assert.equal(store.receive(endpoint('buyer'), 'seller')?.label, 'price')
})

test('a monitor knows what is still to come of what was late, and takes nothing else for it', () => {
  const watch = () => {
    const monitor = new Monitor(planMonitor(quick, 'buyer'))
    monitor.sent('seller', 'ask')
    assert.equal(monitor.late('clerk'), false)
    assert.equal(monitor.late('seller'), true)
    monitor.sent('clerk', 'guessed')
    return monitor
  }
  const monitor = watch()
  monitor.received('seller', 'price')
  assert.throws(() => monitor.received('seller', 'price'), ProtocolViolation)
  const other = watch()
  other.sent('seller', 'never-mind')
  other.sent('seller', 'ask')
  assert.equal(other.late('seller'), false)
  other.received('seller', 'price')
  assert.equal(other.late('seller'), true)
  const forged = watch()
  assert.throws(() => forged.received('seller', 'slow'), /"slow"/)
})

test('protocol refuses a delay that cannot be, and one that its sender is not told of', () => {
  const code = (wanted: ProtocolError['code']) => (error: unknown) =>
    error instanceof ProtocolError && error.code === wanted
  const roles = ['a', 'b'] as const
  for (const afterMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, undefined as never]) {
    assert.throws(
      () => protocol('p', roles, [choice('a', 'b', { m: branch(), slow: late([], afterMs) })]),
      code('malformed-step'),
    )
  }
  assert.throws(() => protocol('p', roles, [choice('a', 'b', { slow: late([], 1) })]), code('malformed-step'))
  assert.throws(
    () => protocol('p', roles, [choice('a', 'b', { m: branch(), slow: late([], 5), gone: lost([], 5) })]),
    code('malformed-step'),
  )
  assert.throws(
    () => protocol('p', roles, [choice('a', 'b', { m: branch([message('a', 'b', 'n')]), slow: late([], 5) })]),
    code('unmergeable'),
  )
  assert.ok(protocol('p', roles, [choice('a', 'b', { m: branch(), slow: late([], 5), gone: lost([], 6) })]))
})
