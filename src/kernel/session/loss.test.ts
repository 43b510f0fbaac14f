import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../manual-clock.ts'
import { Monitor, planMonitor } from '../monitor/monitor.ts'
import { formatLocal } from '../protocol/local-type.ts'
import { again, branch, choice, loop, lost, message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { SessionError } from './contract/session-error.ts'
import { SessionStore } from './session-store.ts'
import { openTyped } from './typed-endpoint.ts'

/** A keep-alive of which the loss is a part: who hears no pong for five seconds tells the clerk, and goes on without the client. */
const alive = protocol(
  'alive',
  ['host', 'client', 'clerk'],
  [
    loop('alive', [
      message('host', 'client', 'ping'),
      choice('client', 'host', {
        pong: branch([message('host', 'clerk', 'well'), again('alive')]),
        gone: lost([message('host', 'clerk', 'note')], 5000),
      }),
    ]),
  ],
)

const open = () => {
  const clock = new ManualClock()
  const events: string[] = []
  const store = new SessionStore({ clock, onEvent: ({ type }) => events.push(type) })
  return { clock, store, events, ...openTyped(store, alive) }
}
const endpoint = (role: string) => ({ sid: 1, role, epoch: 0, transfers: 0 })

test('a loss is a branch of its receiver, and no word of its sender', async () => {
  assert.equal(formatLocal(alive.locals.client), 'μalive.?host{ping.!host{pong.alive}}')
  assert.equal(formatLocal(alive.locals.clerk), 'μalive.?host{well.alive, note.end}')
  const { client } = open()
  void client
  const monitor = new Monitor(planMonitor(alive, 'host'))
  monitor.sent('client', 'ping')
  assert.equal(monitor.lost('clerk'), false)
  assert.equal(monitor.lost('client'), true)
  monitor.sent('clerk', 'note')
  assert.equal(monitor.ended, true)
  const forged = new Monitor(planMonitor(alive, 'host'))
  forged.sent('client', 'ping')
  assert.throws(() => forged.received('client', 'gone'), /gone/)
})

test('who waits longer than the limit of a step takes its sender for lost and goes on, in virtual time', async () => {
  const { clock, store, events, host, clerk } = open()
  const waiting = await host.send('ping')
  const outcome = waiting.match({
    pong: (_, next) => next.send('well').then(() => 'pong'),
    gone: (_, next) => next.send('note').then(() => 'gone'),
  })
  clock.advance(4999)
  assert.ok(!events.includes('Lost'))
  clock.advance(1)
  assert.equal(await outcome, 'gone')
  assert.equal((await clerk.receive()).label, 'note')
  assert.throws(
    () => store.send(endpoint('client'), 'host', 'pong'),
    (error) => error instanceof SessionError && error.code === 'removed-endpoint',
  )
  assert.equal(clock.pending, 0)
})

test('an answer in time ends the limit, and the next step has one of its own', async () => {
  const { clock, events, host, client, clerk } = open()
  let hosting = await host.send('ping')
  let answering = await client.receive()
  let filing = clerk.receive()
  for (let round = 0; round < 3; round++) {
    const heard = hosting.receive()
    clock.advance(4000)
    const next = await answering.endpoint.send('pong')
    const { label, endpoint: told } = await heard
    assert.ok(label === 'pong')
    hosting = await (await told.send('well')).send('ping')
    const filed = await filing
    assert.ok(filed.label === 'well')
    filing = filed.endpoint.receive()
    answering = await next.receive()
  }
  assert.ok(!events.includes('Lost'))
  host.cancel('enough')
  await assert.rejects(filing)
  assert.equal(clock.pending, 0)
})

test('what a lost role had sent arrives first, and what is sent to it is dropped', () => {
  const { store } = open()
  store.send(endpoint('host'), 'client', 'ping')
  store.receive(endpoint('client'), 'host')
  store.send(endpoint('client'), 'host', 'pong')
  store.lose(endpoint('client'))
  assert.equal(store.receive(endpoint('host'), 'client')?.label, 'pong')
  store.send(endpoint('host'), 'clerk', 'well')
  assert.equal(store.send(endpoint('host'), 'client', 'ping'), 'dropped')
  assert.equal(store.receive(endpoint('host'), 'client')?.label, 'gone')
  assert.equal(store.send(endpoint('host'), 'clerk', 'note'), 'sent')
})

test('a limit that is over when its peer was lost otherwise does nothing more', () => {
  const { store, clock, events } = open()
  store.send(endpoint('host'), 'client', 'ping')
  assert.equal(store.receive(endpoint('host'), 'client'), undefined)
  store.lose(endpoint('client'))
  clock.advance(10_000)
  assert.equal(events.filter((each) => each === 'Lost').length, 1)
  assert.equal(store.receive(endpoint('host'), 'client')?.label, 'gone')
})

test('a role whose type has no branch for a loss is told that its peer is lost', () => {
  const { store } = open()
  store.lose(endpoint('host'))
  for (const role of ['client', 'clerk']) {
    assert.throws(
      () => store.receive(endpoint(role), 'host'),
      (error) => error instanceof SessionError && error.code === 'lost-peer',
    )
  }
})

test('protocol refuses a loss after which the lost role acts, a time that is none, and a choice of nothing else', () => {
  const code = (wanted: ProtocolError['code']) => (error: unknown) =>
    error instanceof ProtocolError && error.code === wanted
  const roles = ['a', 'b'] as const
  assert.throws(
    () => protocol('p', roles, [choice('a', 'b', { m: branch(), gone: lost([message('b', 'a', 'x')]) })]),
    code('lost-role'),
  )
  assert.throws(
    () => protocol('p', roles, [loop('l', [choice('a', 'b', { m: branch(), gone: lost([again('l')]) })])]),
    code('lost-role'),
  )
  for (const afterMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => protocol('p', roles, [choice('a', 'b', { m: branch(), gone: lost([], afterMs) })]),
      code('malformed-step'),
    )
  }
  assert.throws(() => protocol('p', roles, [choice('a', 'b', { gone: lost() })]), code('malformed-step'))
})
