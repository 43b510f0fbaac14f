import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { decodeKeysMessage } from '../../wire/input/keys-message.ts'
import { PointerReceiver } from '../../wire/input/pointer-message.ts'
import { InputSender } from './input-sender.ts'

function sending() {
  const clock = new ManualClock()
  const received: InputMessage[] = []
  const receiver = new PointerReceiver()
  const keys = {
    readyState: 'open' as RTCDataChannelState,
    bufferedAmount: 0,
    send: (bytes: Uint8Array) => void received.push(decodeKeysMessage(bytes)),
  }
  const pointer = {
    readyState: 'open' as RTCDataChannelState,
    bufferedAmount: 0,
    send(bytes: Uint8Array) {
      const motion = receiver.accept(bytes)
      if (motion) received.push(motion)
    },
  }
  const sender = new InputSender(clock)
  sender.connect(keys, pointer)
  return { clock, received, keys, pointer, sender }
}
const at = (x: number): InputMessage => ({ type: 'pointer', x, y: 0.5 })
const press = (x: number | undefined): InputMessage => {
  return { type: 'button', button: 'left', down: true, x, y: x === undefined ? undefined : 0.5 }
}
const xs = (messages: readonly InputMessage[]) =>
  messages.map((message) => ('x' in message ? message.x?.toFixed(2) : ''))

test('InputSender sends the first motion at once and then the latest every 8 ms', () => {
  const { clock, received, sender } = sending()
  for (const x of [0.1, 0.2, 0.3]) sender.send(at(x))
  assert.deepEqual(xs(received), ['0.10'])
  clock.advance(7)
  assert.equal(received.length, 1)
  clock.advance(1)
  assert.deepEqual(xs(received), ['0.10', '0.30'])
  clock.advance(100)
  assert.equal(received.length, 2)
})

test('InputSender lets a button overtake the motion that it replaces', () => {
  const { clock, received, sender } = sending()
  for (const message of [at(0.1), at(0.2), press(0.3)]) sender.send(message)
  clock.advance(20)
  assert.deepEqual(
    received.map(({ type }) => type),
    ['pointer', 'button'],
  )
  assert.deepEqual(xs(received), ['0.10', '0.30'])
})

test('InputSender sums relative motion and hands it over before a button without position', () => {
  const { received, sender } = sending()
  for (const dx of [1, 2, 3]) sender.send({ type: 'pointer-relative', dx, dy: -dx })
  sender.send(press(undefined))
  assert.deepEqual(received.slice(0, 2), [
    { type: 'pointer-relative', dx: 1, dy: -1 },
    { type: 'pointer-relative', dx: 5, dy: -5 },
  ])
  assert.equal(received[2]?.type, 'button')
})

test('InputSender sums the wheel', () => {
  const { clock, received, sender } = sending()
  for (const dy of [0.25, 0.25, 0.5]) sender.send({ type: 'wheel', dx: 0, dy })
  clock.advance(8)
  assert.deepEqual(received, [
    { type: 'wheel', dx: 0, dy: 0.25 },
    { type: 'wheel', dx: 0, dy: 0.75 },
  ])
})

test('InputSender cuts long text into messages', () => {
  const { received, sender } = sending()
  const text = 'é'.repeat(5000)
  assert.equal(sender.send({ type: 'text', text }), true)
  assert.ok(received.length > 1)
  assert.equal(received.map((message) => (message.type === 'text' ? message.text : '')).join(''), text)
})

test('InputSender drops what a stuck path cannot take, and loses no relative motion by it', () => {
  const { clock, received, keys, pointer, sender } = sending()
  pointer.bufferedAmount = 10_000
  sender.send({ type: 'pointer-relative', dx: 5, dy: 0 })
  clock.advance(8)
  pointer.bufferedAmount = 0
  sender.send({ type: 'pointer-relative', dx: 1, dy: 0 })
  assert.deepEqual(received, [{ type: 'pointer-relative', dx: 6, dy: 0 }])
  keys.bufferedAmount = 1_000_000
  assert.equal(sender.send({ type: 'key', code: 'KeyA', key: 'a', down: true }), false)
})

test('InputSender forgets everything when it is disconnected', () => {
  const { clock, received, sender } = sending()
  sender.send(at(0.1))
  sender.send(at(0.2))
  sender.disconnect()
  clock.advance(50)
  assert.equal(received.length, 1)
  assert.equal(sender.send(at(0.3)), false)
  assert.equal(clock.pending, 0)
})

test('InputSender goes on counting when it comes back to a channel, whose other end remembers', () => {
  const { clock, received, keys, pointer, sender } = sending()
  for (let move = 1; move <= 5; move++) {
    sender.send(at(move / 10))
    clock.advance(8)
  }
  sender.disconnect()
  sender.connect(keys, pointer)
  sender.send(at(0.9))
  assert.deepEqual(xs(received).at(-1), '0.90')
})
