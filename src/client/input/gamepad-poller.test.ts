import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import type { GamepadLike } from './gamepad-reading.ts'
import { GamepadPoller } from './gamepad-poller.ts'

function pad(index: number, pressed: readonly number[] = [], axes = [0, 0, 0, 0], mapping = 'standard'): GamepadLike {
  const buttons = Array.from({ length: 17 }, (_, at) => ({
    pressed: pressed.includes(at),
    value: Number(pressed.includes(at)),
  }))
  return { index, mapping, connected: true, buttons, axes }
}

function world() {
  const clock = new ManualClock()
  const sent: InputMessage[] = []
  let pads: readonly (GamepadLike | null)[] = []
  const watch = new GamepadPoller({ clock, look: () => pads, send: (message) => sent.push(message) })
  const plug = (...now: readonly (GamepadLike | null)[]) => {
    pads = now
    watch.refresh()
  }
  const show = (...now: readonly (GamepadLike | null)[]) => {
    pads = now
    clock.advance(8)
  }
  const types = () => sent.map((message) => ('pad' in message ? `${message.type} ${message.pad}` : message.type))
  return { clock, sent, watch, plug, show, types }
}

test('GamepadPoller tells what changes, and nothing else', () => {
  const { sent, plug, show } = world()
  plug(null, pad(1))
  show(null, pad(1))
  show(null, pad(1, [0, 7], [0.5, 0, 0, -1]))
  show(null, pad(1, [0, 7], [0.500001, Number.NaN, 0, -1]))
  assert.deepEqual(sent, [
    { type: 'gamepad-connect', pad: 0 },
    { type: 'gamepad', pad: 0, state: { buttons: 0b1000_0001, triggers: [0, 1], sticks: [0.5, 0, 0, -1] } },
  ])
})

test('GamepadPoller keeps a pad its place, takes four at most, and only those in the standard layout', () => {
  const { plug, types } = world()
  plug(pad(0), pad(1), pad(2, [], [], ''))
  plug(null, pad(1), null, pad(3), pad(4), pad(5), pad(6))
  assert.deepEqual(types(), [
    'gamepad-connect 0',
    'gamepad-connect 1',
    'gamepad-disconnect 0',
    'gamepad-connect 0',
    'gamepad-connect 2',
    'gamepad-connect 3',
  ])
})

test('GamepadPoller does not look while there are no pads', () => {
  const { clock, plug, watch } = world()
  plug(pad(0))
  assert.equal(clock.pending, 1)
  plug()
  assert.equal(clock.pending, 0)
  watch.close()
})

test('GamepadPoller tells anew what is held after everything was let go, and of its pads to a new connection', () => {
  const { plug, show, types, watch } = world()
  plug(pad(0))
  show(pad(0, [0]))
  watch.forget()
  show(pad(0, [0]))
  watch.introduce()
  show(pad(0, [0]))
  watch.close()
  assert.deepEqual(types(), [
    'gamepad-connect 0',
    'gamepad 0',
    'gamepad 0',
    'gamepad-connect 0',
    'gamepad 0',
    'gamepad-disconnect 0',
  ])
})
