import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { decodeClientMessage, encodeSignal } from '../../wire/signal/codec.ts'
import type { DeliverMessage } from '../../wire/signal/deliveries.ts'
import type { ClientError } from '../contract/client-error.ts'
import { Outbox, type KeptOutbox } from './outbox.ts'

let ids = 0
function openOutbox(kept?: KeptOutbox) {
  const host = { online: true, told: [] as DeliverMessage[] }
  const refused: ClientError[] = []
  const outbox = new Outbox({
    kept,
    tell: (message) => {
      if (host.online) host.told.push(message)
      return host.online
    },
    newId: () => `outbox-${String(++ids).padStart(16, '0')}`,
    onRefused: (error) => refused.push(error),
  })
  const say = (text: string) => outbox.put({ do: 'say', text })
  const texts = (index: number) => host.told.at(index)?.deliveries.map((item) => ('text' in item ? item.text : item.do))
  const done = (through: number, codes: Record<number, string> = {}) =>
    outbox.receive({
      type: 'delivered',
      through,
      refused: Object.entries(codes).map(([sequence, code]) => ({ sequence: Number(sequence), code, message: code })),
    })
  return { host, outbox, refused, say, texts, done }
}

test('Outbox sends what was put before there was a host, in order and in one message', async () => {
  const { outbox, host, say, texts, done } = openOutbox()
  const sent = [say('a'), say('b'), say('c')]
  assert.deepEqual(host.told, [])
  outbox.greeted()
  assert.deepEqual(texts(0), ['a', 'b', 'c'])
  done(3)
  await Promise.all(sent)
  assert.deepEqual(outbox.items.value, [])
})

test('Outbox has one message under way at a time', async () => {
  const { outbox, host, say, texts, done } = openOutbox()
  outbox.greeted()
  const first = say('a')
  void say('b')
  void say('c')
  assert.equal(host.told.length, 1)
  done(1)
  await first
  assert.deepEqual(texts(1), ['b', 'c'])
})

test('Outbox sends again what was not acknowledged, with the numbers it had, under the same id', () => {
  const { outbox, host, say, texts } = openOutbox()
  outbox.greeted()
  void say('a')
  outbox.unsignalled()
  void say('b')
  assert.equal(host.told.length, 1)
  outbox.greeted()
  assert.deepEqual(texts(1), ['a', 'b'])
  assert.deepEqual(
    host.told.map(({ outbox: id, deliveries }) => [id, deliveries[0]?.sequence]),
    [
      [host.told[0]?.outbox, 1],
      [host.told[0]?.outbox, 1],
    ],
  )
})

test('Outbox.put rejects with what the host refused, and tells whoever listens', async () => {
  const { outbox, refused, say, done } = openOutbox()
  outbox.greeted()
  const first = say('a')
  done(1, { 1: 'not-in-lobby' })
  await assert.rejects(first, { code: 'host-error', hostCode: 'not-in-lobby' })
  assert.deepEqual(
    refused.map(({ hostCode }) => hostCode),
    ['not-in-lobby'],
  )
})

test('Outbox refuses the oldest that was never sent when there is no room', async () => {
  const { outbox, host, say } = openOutbox()
  outbox.greeted()
  const underWay = say('under way')
  outbox.unsignalled()
  const oldest = assert.rejects(say('oldest'), { code: 'queue-full' })
  for (let index = 0; index < 255; index++) void say(`text ${index}`)
  await oldest
  assert.equal(outbox.items.value.length, 256)
  const large = 'x'.repeat(4000)
  for (let index = 0; index < 100; index++) void say(large)
  assert.ok(outbox.items.value.length < 100)
  outbox.greeted()
  assert.equal(host.told.at(-1)?.deliveries[0]?.sequence, 1, 'what may have been done is not given up')
  outbox.drop({} as ClientError)
  await assert.rejects(underWay)
})

test('Outbox.put refuses empty and too large texts at once', async () => {
  const { outbox, say } = openOutbox()
  await assert.rejects(say(''), { code: 'invalid-argument' })
  await assert.rejects(say('x'.repeat(4001)), { code: 'too-large' })
  assert.deepEqual(outbox.items.value, [])
})

test('Outbox goes on after its page was loaded again', () => {
  const before = openOutbox()
  before.outbox.greeted()
  void before.say('a')
  before.outbox.unsignalled()
  void before.say('b')
  const after = openOutbox(before.outbox.keep())
  void after.say('c')
  after.outbox.greeted()
  assert.deepEqual(after.texts(0), ['a', 'b', 'c'])
  assert.equal(after.host.told[0]?.outbox, before.host.told[0]?.outbox)
  assert.deepEqual(
    after.host.told[0]?.deliveries.map(({ sequence }) => sequence),
    [1, 2, 3],
  )
})

test('Outbox makes messages that the wire takes, whatever is in the texts', () => {
  const { outbox, host, say, done } = openOutbox()
  for (let index = 0; index < 40; index++) void say('\u0001'.repeat(4000))
  outbox.greeted()
  while (outbox.items.value.length > 0) {
    const message = host.told.at(-1) as DeliverMessage
    assert.deepEqual(decodeClientMessage(encodeSignal(message)), message)
    done(message.deliveries.at(-1)?.sequence ?? 0)
  }
})

test('what is put is done exactly once and in order, however often message, answer or both are lost', async () => {
  const step = fc.constantFrom('put', 'arrive', 'lose', 'lose answer', 'reload')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const effects: string[] = []
      const ledger = new Map<string, number>()
      let page = openOutbox()
      page.outbox.greeted()
      let put = 0
      const arrive = (isAnswered: boolean) => {
        const message = page.host.told.shift()
        if (!message) return
        for (const { sequence, ...what } of message.deliveries) {
          if (sequence <= (ledger.get(message.outbox) ?? 0)) continue
          ledger.set(message.outbox, sequence)
          effects.push('text' in what ? what.text : '')
        }
        if (isAnswered) page.done(message.deliveries.at(-1)?.sequence ?? 0)
      }
      const reconnect = () => {
        page.host.told.length = 0
        page.outbox.unsignalled()
        page.outbox.greeted()
      }
      for (const one of steps) {
        if (one === 'put') void page.say(`${put++}`)
        if (one === 'arrive') arrive(true)
        if (one === 'lose answer') arrive(false)
        if (one === 'lose' || one === 'lose answer') reconnect()
        if (one === 'reload') {
          page = openOutbox(page.outbox.keep())
          reconnect()
        }
      }
      while (page.host.told.length > 0) arrive(true)
      assert.deepEqual(
        effects,
        Array.from({ length: put }, (_, index) => `${index}`),
      )
      assert.deepEqual(page.outbox.items.value, [])
    }),
  )
})

test('Outbox leaves what waits to who has taken it over, and numbers what comes then in another one', async () => {
  const { outbox, host, say, texts, done } = openOutbox()
  outbox.greeted()
  const waits = say('a')
  outbox.beginAnew()
  await assert.rejects(waits, { code: 'superseded' })
  const sent = say('b')
  assert.equal(host.told.length, 1, 'one message is under way, as the protocol wants')
  done(1)
  assert.deepEqual(texts(-1), ['b'])
  assert.notEqual(host.told[0]?.outbox, host.told[1]?.outbox)
  assert.equal(host.told[1]?.deliveries[0]?.sequence, 1)
  done(1)
  await sent
})
