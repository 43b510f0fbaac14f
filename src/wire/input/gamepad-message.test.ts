import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { keysChannel, pointerChannel } from './channels.ts'
import {
  decodeGamepadMessage,
  encodeGamepadMessage,
  gamepadKind,
  GamepadReceiver,
  GamepadSender,
} from './gamepad-message.ts'
import type { GamepadState } from '../../domain/gamepad.ts'

const trigger = fc.nat(255).map((part) => part / 255)
const stick = fc.integer({ min: -32767, max: 32767 }).map((part) => part / 32767 + 0)
const state: fc.Arbitrary<GamepadState> = fc.record(
  { buttons: fc.nat(2 ** 17 - 1), triggers: fc.tuple(trigger, trigger), sticks: fc.tuple(stick, stick, stick, stick) },
  { noNullPrototype: true },
)
const neutral: GamepadState = { buttons: 0, triggers: [0, 0], sticks: [0, 0, 0, 0] }

test('encodeGamepadMessage writes the bytes of its layout', () => {
  const written = { buttons: 0x10001, triggers: [1, 0] as const, sticks: [1, -1, 0, 0] as const }
  assert.deepEqual(
    Array.from(encodeGamepadMessage({ pad: 2, sequence: 0x1234, state: written })),
    [8, 2, 0x12, 0x34, 0, 1, 0, 1, 255, 0, 0x7f, 0xff, 0x80, 0x01, 0, 0, 0, 0],
  )
})

test('decodeGamepadMessage gives back what encodeGamepadMessage wrote', () => {
  fc.assert(
    fc.property(fc.nat(3), fc.nat(0xffff), state, (pad, sequence, written) => {
      const bytes = encodeGamepadMessage({ pad, sequence, state: written })
      assert.ok(bytes.length <= pointerChannel.maxMessageBytes && bytes.length <= keysChannel.maxMessageBytes)
      assert.deepEqual(decodeGamepadMessage(bytes), { pad, sequence, state: written })
    }),
  )
})

test('GamepadSender says that changes of buttons must arrive, and nothing else', () => {
  const sender = new GamepadSender()
  const mustArrive = [
    { ...neutral, sticks: [1, 0, 0, 0] as const },
    { ...neutral, buttons: 1 },
    { ...neutral, buttons: 1, triggers: [1, 0] as const },
    neutral,
  ].map((now) => sender.encode(0, now).mustArrive)
  assert.deepEqual(mustArrive, [false, true, false, true])
})

test('GamepadReceiver takes the newest state of each pad, whichever channel was faster', () => {
  const sender = new GamepadSender()
  const [first, second] = [1, 2].map((buttons) => sender.encode(0, { ...neutral, buttons }).bytes)
  const other = sender.encode(1, neutral).bytes
  const receiver = new GamepadReceiver()
  assert.equal(receiver.accept(second ?? other)?.state.buttons, 2)
  assert.equal(receiver.accept(first ?? other), undefined)
  assert.equal(receiver.accept(other)?.pad, 1)
})

test('GamepadReceiver throws only WireError when the bytes are random', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (rest) => {
      try {
        new GamepadReceiver().accept(Uint8Array.of(gamepadKind, ...rest))
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
  assert.throws(() => decodeGamepadMessage(encodeGamepadMessage({ pad: 4, sequence: 0, state: neutral })), WireError)
  const broken = { ...neutral, triggers: [Number.NaN, 0] as const }
  assert.throws(() => encodeGamepadMessage({ pad: 0, sequence: 0, state: broken }), { code: 'out-of-range' })
})
