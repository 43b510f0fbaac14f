import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventBus } from './event-bus.ts'

type Event = { type: 'joined'; who: string } | { type: 'left'; who: string }

const bus = (errors: unknown[] = []) => new EventBus<Event>((error) => errors.push(error))

test('EventBus delivers to everybody in order of emission when a listener emits', () => {
  const events = bus()
  const seen: string[] = []
  events.subscribe((event) => {
    seen.push(`first ${event.type}`)
    if (event.type === 'joined') events.emit({ type: 'left', who: event.who })
  })
  events.subscribe((event) => seen.push(`second ${event.type}`))
  events.emit({ type: 'joined', who: 'a' })
  assert.deepEqual(seen, ['first joined', 'second joined', 'first left', 'second left'])
})

test('EventBus reaches the others when a listener throws', () => {
  const errors: unknown[] = []
  const events = bus(errors)
  let reached = 0
  events.subscribe(() => {
    throw new Error('mine')
  })
  events.subscribe(() => reached++)
  events.emit({ type: 'joined', who: 'a' })
  events.emit({ type: 'left', who: 'a' })
  assert.equal(reached, 2)
  assert.equal(errors.length, 2)
})

test('EventBus.on hears one type only, until it is unsubscribed', () => {
  const events = bus()
  const who: string[] = []
  const end = events.on('left', (event) => who.push(event.who))
  events.emit({ type: 'joined', who: 'a' })
  events.emit({ type: 'left', who: 'b' })
  end()
  end()
  events.emit({ type: 'left', who: 'c' })
  assert.deepEqual(who, ['b'])
})
