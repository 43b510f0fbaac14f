import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientMessage } from '../wire/signal/messages.ts'
import type { ClientError } from './contract/client-error.ts'
import type { ClientEvents } from './client-events.ts'
import { ClientPicture } from './client-picture.ts'
import { Emitter } from './emitter.ts'

const hd = { width: 1280, height: 720, maxFps: 60 }
const phone = { width: 800, height: 450, maxFps: 30 }

function setUp() {
  const told: ClientMessage[] = []
  const emitter = new Emitter<ClientEvents>()
  const offers: (ClientEvents['shape'][0] | 'none')[] = []
  emitter.on('shape', (offer) => offers.push(offer ?? 'none'))
  return { told, offers, picture: new ClientPicture((message) => told.push(message), emitter) }
}

test('a wish is told once at a time, the newest when the one before was answered', () => {
  const { told, offers, picture } = setUp()
  picture.set({ shape: hd })
  picture.set({ shape: phone, maxBitrateBps: 2e6 })
  picture.set({ shape: phone, maxBitrateBps: 2e6 })
  assert.deepEqual(told, [
    { type: 'shape', shape: hd },
    { type: 'limit', bitrateBps: 2e6 },
  ])
  picture.receive({ asked: hd, given: hd })
  assert.deepEqual(told.slice(2), [{ type: 'shape', shape: phone }])
  picture.receive({ asked: phone, given: null, reason: 'no room' })
  assert.deepEqual(picture.shape.value, { asked: phone, given: undefined, reason: 'no room' })
  picture.receive({ asked: phone, given: null, reason: 'no room' })
  picture.receive({ asked: phone, given: phone })
  assert.equal(offers.length, 3)
})

test('figures tell what has become of a wish, and are no answer to the next one', () => {
  const { told, offers, picture } = setUp()
  picture.set({ shape: hd })
  picture.receive({ asked: hd, given: phone, reason: 'no room' })
  picture.hear({ asked: hd, given: hd })
  assert.equal(picture.shape.value?.given?.width, 1280)
  picture.set({ shape: phone })
  picture.set({ shape: hd })
  picture.hear({ asked: hd, given: phone, reason: 'no room' })
  assert.equal(told.length, 2, 'the second wish waits for its answer')
  assert.equal(offers.length, 2)
  picture.receive({ asked: phone, given: phone })
  assert.equal(told.length, 3)
})

test('a wish holds after every greeting, and back to what suits the path', () => {
  const { told, offers, picture } = setUp()
  picture.set({})
  picture.greeted()
  assert.deepEqual(told, [])
  picture.set({ shape: hd })
  picture.greeted()
  picture.receive({ asked: hd, given: hd })
  picture.set({})
  picture.receive({ asked: null, given: null })
  assert.deepEqual(told, [
    { type: 'shape', shape: hd },
    { type: 'shape', shape: hd },
    { type: 'shape', shape: null },
  ])
  assert.deepEqual(offers, [{ asked: hd, given: hd, reason: undefined }, 'none'])
})

test('a shape that cannot be is refused here', () => {
  const { told, picture } = setUp()
  for (const shape of [
    { ...hd, width: 0 },
    { ...hd, width: 1280.5 },
    { ...hd, height: 5000 },
    { width: 4096, height: 4096, maxFps: 60 },
    { ...hd, maxFps: 0 },
    { ...hd, maxFps: Number.NaN },
  ]) {
    assert.throws(
      () => picture.set({ shape }),
      ({ code }: ClientError) => code === 'invalid-argument',
    )
  }
  assert.deepEqual(told, [])
})
