import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { InputMessage } from '../../wire/input/input-message.ts'
import { idleGesture, nextGesture, type TouchEvent, type TouchGesture } from './touch-gesture.ts'

const finger = (clientX: number, clientY: number) => ({ clientX, clientY, x: clientX / 1000, y: clientY / 1000 })
const down = (id: number, x: number, y: number, atMs = 0): TouchEvent => ({
  type: 'down',
  id,
  finger: finger(x, y),
  atMs,
})
const move = (id: number, x: number, y: number): TouchEvent => ({ type: 'move', id, finger: finger(x, y), atMs: 0 })
const up = (id: number): TouchEvent => ({ type: 'up', id })

function play(events: readonly TouchEvent[]): { gesture: TouchGesture; messages: InputMessage[] } {
  let gesture = idleGesture
  const messages: InputMessage[] = []
  for (const event of events) {
    const step = nextGesture(gesture, event)
    gesture = step.gesture
    messages.push(...step.messages)
  }
  return { gesture, messages }
}
const summary = (messages: readonly InputMessage[]) =>
  messages.map((message) =>
    message.type === 'button' ? `${message.button} ${message.down ? 'down' : 'up'}` : message.type,
  )

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
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const { messages, gesture } = play([...events, up(1), up(2), up(3)])
      assert.equal(gesture.kind, 'idle')
      const held = new Set<string>()
      for (const message of messages) {
        if (message.type !== 'button') continue
        assert.equal(held.has(message.button), !message.down)
        if (message.down) held.add(message.button)
        else held.delete(message.button)
      }
      assert.equal(held.size, 0)
    }),
  )
})
