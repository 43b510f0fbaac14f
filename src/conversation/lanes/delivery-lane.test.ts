import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import type { Member } from '../../domain/member.ts'
import { openMemoryHost } from '../../host/memory/memory-host.ts'
import { silentLog } from '../../kernel/log.ts'
import { until } from '../../kernel/readable.ts'
import type { DeliverMessage } from '../../wire/signal/deliveries.ts'
import { maxSignalBytes } from '../../wire/signal/messages.ts'
import { heldToSignalling } from '../../../test/support/held-to-signalling.ts'
import { encodeSignal } from '../../wire/signal/codec.ts'
import { DeliveryLane } from './delivery-lane.ts'

const ada: Member = { id: 'ada', name: 'Ada', role: 'player', lobbies: 'all' }

async function openLane(t: TestContext) {
  const memory = await openMemoryHost()
  t.after(() => memory[Symbol.asyncDispose]())
  const { host, clock } = memory
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const session = host.createSession(ada)
  await session.join(lobby.id)
  const { speech, said, hear } = heldToSignalling()
  const lane = new DeliveryLane({
    clock,
    log: silentLog,
    session: () => session,
    speech,
  })
  const texts = (...units: readonly string[]): DeliverMessage => ({
    type: 'deliver',
    outbox: 'x'.repeat(22),
    deliveries: units.map((text, index) => ({ sequence: index + 1, do: 'say', text })),
  })
  const deliver = (message: DeliverMessage) => {
    hear('deliver')
    return lane.deliver(message)
  }
  return { lane, deliver, session, said, clock, texts, lobby }
}

test('DeliveryLane answers each message once all of it is done', async (t) => {
  const { lane, deliver, said, texts, session } = await openLane(t)
  lane.follow(session)
  await deliver(texts('a', 'b'))
  assert.deepEqual(
    said.map((message) => (message.type === 'texts' ? message.texts.map(({ text }) => text) : message)),
    [[], ['a'], ['b'], { type: 'delivered', through: 2, refused: [] }],
  )
})

test('DeliveryLane slows down whoever sends without end', async (t) => {
  const { deliver, said, texts, clock } = await openLane(t)
  const many = Array.from({ length: 32 }, () => 'again')
  for (let burst = 0; burst < 4; burst++) await deliver(texts(...many))
  assert.equal(said.length, 4)
  void deliver(texts('one more'))
  await settled()
  assert.equal(said.length, 4)
  clock.advance(100)
  await settled()
  assert.equal(said.length, 5)
})

test('DeliveryLane says nothing after its end, whatever was under way', async (t) => {
  const { lane, deliver, said, texts, session, clock } = await openLane(t)
  await deliver(texts(...Array.from({ length: 128 }, () => 'x')))
  const waiting = lane.deliver(texts('late'))
  lane.close()
  await waiting
  await session.close()
  await lane.deliver(texts('later'))
  assert.equal(said.length, 1)
  assert.equal(clock.pending > 0, true)
})

test('DeliveryLane tells as much of what was said as a message takes, the last of it', async (t) => {
  const { lane, deliver, said, texts, session } = await openLane(t)
  for (let burst = 0; burst < 3; burst++) {
    const large = Array.from({ length: 10 }, (_, index) => `${burst}${index}`.padEnd(4000, '\u0001'))
    const { deliveries, ...message } = texts(...large)
    await deliver({
      ...message,
      deliveries: deliveries.map((one) => ({ ...one, sequence: one.sequence + burst * 10 })),
    })
  }
  lane.follow(session)
  const backlog = said.at(-1)
  assert.ok(backlog?.type === 'texts')
  assert.ok(encodeSignal(backlog).length < maxSignalBytes)
  assert.ok(backlog.texts.length > 1)
  assert.ok(backlog.texts.at(-1)?.text.startsWith('29'))
})
