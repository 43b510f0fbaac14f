import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { idleGesture, type TouchEvent, type TouchGesture, type TouchStyle } from './gesture.ts'
import { nextGesture } from './touch-gesture.ts'

const finger = (clientX: number, clientY: number) => ({ clientX, clientY, x: clientX / 1000, y: clientY / 1000 })
const down = (id: number, x: number, y: number, atMs = 0): TouchEvent => ({
  type: 'down',
  id,
  finger: finger(x, y),
  atMs,
})
const move = (id: number, x: number, y: number): TouchEvent => ({ type: 'move', id, finger: finger(x, y), atMs: 0 })
const up = (id: number): TouchEvent => ({ type: 'up', id })

const direct: TouchStyle = { kind: 'direct' }
const trackpad: TouchStyle = { kind: 'trackpad', scale: 2 }

function play(events: readonly TouchEvent[], style = direct): { gesture: TouchGesture; messages: InputMessage[] } {
  let gesture = idleGesture
  const messages: InputMessage[] = []
  for (const event of events) {
    const step = nextGesture(gesture, event, style)
    gesture = step.gesture
    messages.push(...step.messages)
  }
  return { gesture, messages }
}
const summary = (messages: readonly InputMessage[]) =>
  messages.map((message) => {
    if (message.type === 'key') return `${message.key} ${message.down ? 'down' : 'up'}`
    return message.type === 'button' ? `${message.button} ${message.down ? 'down' : 'up'}` : message.type
  })

test('a tap is a left click where the finger was', () => {
  const { messages, gesture } = play([down(1, 100, 200), up(1)])
  assert.deepEqual(summary(messages), ['pointer', 'left down', 'left up'])
  assert.deepEqual(messages[1], { type: 'button', button: 'left', down: true, x: 0.1, y: 0.2 })
  assert.equal(gesture.kind, 'idle')
})

test('a second tap close by hits the very same spot', () => {
  const { messages } = play([down(1, 100, 200), up(1), down(1, 112, 205, 250), up(1)])
  assert.deepEqual(messages[3], { type: 'pointer', x: 0.1, y: 0.2 })
  const late = play([down(1, 100, 200), up(1), down(1, 112, 205, 600), up(1)])
  assert.deepEqual(late.messages[3], { type: 'pointer', x: 0.112, y: 0.205 })
})

test('a drag presses where it began and releases where it ended', () => {
  const { messages } = play([down(1, 100, 100), move(1, 105, 100), move(1, 160, 100), move(1, 200, 100), up(1)])
  assert.deepEqual(summary(messages), ['left down', 'pointer', 'pointer', 'left up'])
  assert.deepEqual(messages[0], { type: 'button', button: 'left', down: true, x: 0.1, y: 0.1 })
  assert.deepEqual(messages[3], { type: 'button', button: 'left', down: false, x: 0.2, y: 0.1 })
})

test('a finger that rests is a right click, and nothing more until it is gone', () => {
  const { messages, gesture } = play([down(1, 100, 100), { type: 'hold' }, move(1, 300, 300), up(1)])
  assert.deepEqual(summary(messages), ['pointer', 'right down', 'right up'])
  assert.equal(gesture.kind, 'idle')
})

test('two fingers scroll by how far their middle goes, against it', () => {
  const { messages } = play([down(1, 100, 100), down(2, 200, 100), move(1, 100, 60), move(2, 200, 60), up(1), up(2)])
  assert.deepEqual(messages, [
    { type: 'wheel', dx: 0, dy: 0.5 },
    { type: 'wheel', dx: 0, dy: 0.5 },
  ])
})

test('a second finger ends a drag before it scrolls', () => {
  const { messages } = play([down(1, 100, 100), move(1, 200, 100), down(2, 300, 100), move(2, 300, 140)])
  assert.deepEqual(summary(messages), ['left down', 'pointer', 'left up', 'wheel'])
})

test('two fingers that part zoom in, and those that meet zoom out, while Control is down', () => {
  const apart = play([
    down(1, 100, 100),
    down(2, 200, 100),
    move(1, 90, 100),
    move(2, 210, 100),
    move(2, 250, 100),
    up(1),
  ])
  assert.deepEqual(summary(apart.messages), ['Control down', 'wheel', 'wheel', 'Control up'])
  assert.deepEqual(apart.messages[1], { type: 'wheel', dx: 0, dy: -0.5 })
  assert.deepEqual(apart.messages[2], { type: 'wheel', dx: 0, dy: -1 })
  const closer = play([down(1, 100, 100), down(2, 300, 100), move(1, 120, 100), move(2, 280, 100), up(2), up(1)])
  assert.deepEqual(closer.messages[1], { type: 'wheel', dx: 0, dy: 1 })
  assert.equal(closer.gesture.kind, 'idle')
})

test('two fingers side by side scroll sideways, though one is told of first', () => {
  const { messages } = play([down(1, 100, 100), down(2, 200, 100), move(1, 140, 100), move(2, 240, 100)])
  assert.deepEqual(messages, [{ type: 'wheel', dx: -1, dy: 0 }])
})

test('a tap of two fingers is a right click', () => {
  const { messages, gesture } = play([down(1, 100, 100), down(2, 200, 100), up(2), up(1)])
  assert.deepEqual(summary(messages), ['pointer', 'right down', 'right up'])
  assert.equal(gesture.kind, 'idle')
})

test('on a trackpad a finger pushes the pointer, and a tap clicks where that is', () => {
  const { messages } = play([down(1, 100, 100), move(1, 120, 100), move(1, 125, 110), up(1)], trackpad)
  assert.deepEqual(messages, [
    { type: 'pointer-relative', dx: 40, dy: 0 },
    { type: 'pointer-relative', dx: 10, dy: 20 },
  ])
  const tap = play([down(1, 100, 100), up(1)], trackpad)
  assert.deepEqual(tap.messages[0], { type: 'button', button: 'left', down: true, x: undefined, y: undefined })
  assert.deepEqual(summary(tap.messages), ['left down', 'left up'])
})

test('on a trackpad one drags by holding, or by a tap that goes on', () => {
  const held = play([down(1, 100, 100), { type: 'hold' }, move(1, 105, 100), up(1)], trackpad)
  assert.deepEqual(summary(held.messages), ['left down', 'pointer-relative', 'left up'])
  const tapped = play([down(1, 100, 100), up(1), down(1, 102, 100, 200), move(1, 150, 100), up(1)], trackpad)
  assert.deepEqual(summary(tapped.messages).slice(2), ['left down', 'pointer-relative', 'left up'])
})

test('nextGesture holds no button longer than a finger, whatever the fingers do', () => {
  const id = fc.integer({ min: 1, max: 3 })
  const at = fc.integer({ min: 0, max: 400 })
  const event: fc.Arbitrary<TouchEvent> = fc.oneof(
    fc.record({ type: fc.constantFrom('down', 'move'), id, x: at, y: at, atMs: at }).map(({ type, x, y, ...more }) => ({
      type,
      ...more,
      finger: finger(x, y),
    })),
    fc.record({ type: fc.constantFrom('up', 'cancel'), id }),
    fc.constant<TouchEvent>({ type: 'hold' }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.constantFrom(direct, trackpad), (events, style) => {
      const { messages, gesture } = play([...events, up(1), up(2), up(3)], style)
      assert.equal(gesture.kind, 'idle')
      const held = new Set<string>()
      for (const message of messages) {
        if (message.type !== 'button' && message.type !== 'key') continue
        const name = message.type === 'key' ? message.key : message.button
        assert.equal(held.has(name), !message.down)
        if (message.down) held.add(name)
        else held.delete(name)
      }
      assert.equal(held.size, 0)
    }),
  )
})
