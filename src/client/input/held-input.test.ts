import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { HeldInput } from './held-input.ts'

const text = (letter: string): InputMessage => ({ type: 'text', text: letter })

function world() {
  const clock = new ManualClock()
  const sent: string[] = []
  const input = new HeldInput({ send: (message) => sent.push('text' in message ? message.text : message.type), clock })
  return { clock, sent, input }
}

test('HeldInput sends in order, what came while something was waited for after it', async () => {
  const { input, sent } = world()
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  input.send(text('a'))
  input.hold(first.promise)
  input.send(text('b'))
  input.hold(second.promise)
  input.send(text('c'))
  first.reject(new Error('refused'))
  await Promise.allSettled([first.promise])
  assert.deepEqual(sent, ['a'])
  second.resolve()
  await second.promise
  assert.deepEqual(sent, ['a', 'b', 'c'])
})

test('HeldInput waits for three seconds at most', async () => {
  const { input, sent, clock } = world()
  const slow = Promise.withResolvers<void>()
  input.hold(slow.promise)
  input.send(text('a'))
  clock.advance(3000)
  assert.deepEqual(sent, ['a'])
  slow.resolve()
  await slow.promise
  input.send(text('b'))
  assert.deepEqual(sent, ['a', 'b'])
})

test('HeldInput releases at once, and forgets what was held, also when it is too much', () => {
  const { input, sent } = world()
  input.hold(new Promise(() => {}))
  input.send(text('a'))
  input.send({ type: 'release-all' })
  assert.deepEqual(sent, ['release-all'])
  for (let count = 0; count < 300; count++) input.send(text('b'))
  assert.deepEqual(sent, ['release-all', 'release-all'])
})
