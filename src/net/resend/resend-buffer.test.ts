import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import type { Paceable } from '../pacing/packet-ring.ts'
import { ResendBuffer, type ResendBufferOptions } from './resend-buffer.ts'

const packet: Paceable = { bytes: 1000 }
const path = { roundTripMs: 50, targetBps: 8e6 }

/** A buffer that has sent `count` packets, one a millisecond, from number `first` on. */
function bufferWith(count: number, options: ResendBufferOptions = {}, first = 0): ResendBuffer<Paceable> {
  const buffer = new ResendBuffer<Paceable>(options)
  for (let index = 0; index < count; index++) buffer.onSent(first + index, packet, index, index * 1000)
  return buffer
}

function ask(buffer: ResendBuffer<Paceable>, missing: readonly number[], nowUs: number, targetBps = path.targetBps) {
  const resent: number[] = []
  const needsKeyframe = buffer.answer(missing, { ...path, targetBps, nowUs }, (_, __, number) => resent.push(number))
  return { resent, needsKeyframe }
}

test('ResendBuffer gives the missing packets and what they are part of, at any number', () => {
  const buffer = bufferWith(10, {}, 2 ** 40 - 3)
  const resent: unknown[] = []
  const conditions = { ...path, nowUs: 20_000 }
  assert.equal(
    buffer.answer([2 ** 40 - 1, 2 ** 40 + 1], conditions, (...entry) => resent.push(entry)),
    false,
  )
  assert.deepEqual(resent, [
    [packet, 2, 2 ** 40 - 1],
    [packet, 4, 2 ** 40 + 1],
  ])
})

test('ResendBuffer sends a packet again at most once in a round trip', () => {
  const buffer = bufferWith(10)
  assert.deepEqual(ask(buffer, [3], 10_000).resent, [3])
  assert.deepEqual(ask(buffer, [3, 4], 59_000).resent, [4])
  assert.deepEqual(ask(buffer, [3], 60_000).resent, [3])
})

test('ResendBuffer asks for a key picture when a missing packet is too old or forgotten', () => {
  const aged = bufferWith(10)
  assert.deepEqual(ask(aged, [9], 510_000), { resent: [], needsKeyframe: true })
  const small = bufferWith(20, { capacity: 16 })
  assert.deepEqual(ask(small, [3, 4], 20_000), { resent: [4], needsKeyframe: true })
})

test('ResendBuffer asks for a key picture when more is missing than its share can carry in time', () => {
  const buffer = bufferWith(200)
  const missing = Array.from({ length: 76 }, (_, index) => index + 100)
  assert.equal(ask(buffer, missing, 200_000).needsKeyframe, true)
  assert.equal(ask(buffer, missing.slice(0, 70), 200_000).needsKeyframe, false)
})

test('ResendBuffer keeps to its share of the target, whatever is asked for', () => {
  const buffer = new ResendBuffer<Paceable>({ maxAgeMs: 60_000 })
  let resentBytes = 0
  for (let ms = 0; ms < 10_000; ms++) {
    buffer.onSent(ms, packet, 0, ms * 1000)
    const missing = Array.from({ length: 200 }, (_, back) => ms - back)
    resentBytes += ask(buffer, missing, ms * 1000, 1e6).resent.length * 1000
  }
  const shareBytes = 0.15 * 125_000 * 10
  assert.ok(resentBytes <= shareBytes + 8 * 1200 + 1000, String(resentBytes))
  assert.ok(resentBytes > 0.9 * shareBytes, String(resentBytes))
})

test('ResendBuffer repairs a short loss at once even when the target is low', () => {
  assert.deepEqual(ask(bufferWith(20), [1, 2, 3, 4], 20_000, 150_000).resent, [1, 2, 3, 4])
})

test('ResendBuffer leaves out what lies before the newest key picture', () => {
  const buffer = bufferWith(10)
  buffer.onKeyframe(6)
  assert.deepEqual(ask(buffer, [2, 6, 7], 10_000), { resent: [6, 7], needsKeyframe: false })
  for (let number = 10; number < 40_000; number++) buffer.onSent(number, packet, 0, number * 1000)
  assert.deepEqual(ask(buffer, [39_990], 40_000_000).resent, [39_990])
})

test('ResendBuffer ignores numbers that were never sent', () => {
  assert.deepEqual(ask(bufferWith(10), [10, 500, 32_000], 10_000), { resent: [], needsKeyframe: false })
  assert.deepEqual(ask(new ResendBuffer<Paceable>(), [1], 10_000), { resent: [], needsKeyframe: false })
})

test('ResendBuffer refuses a capacity that is not a power of two', () => {
  for (const capacity of [0, 1000, 0x10000, 1.5]) assert.throws(() => new ResendBuffer({ capacity }), RangeError)
})

test('ResendBuffer only ever sends again what was sent, whatever is asked for', () => {
  fc.assert(
    fc.property(
      fc.nat(0xffff),
      fc.integer({ min: 1, max: 300 }),
      fc.array(fc.integer({ min: -100, max: 0x1ffff }), { maxLength: 100 }),
      fc.nat(2_000_000),
      (first, count, missing, nowUs) => {
        const buffer = bufferWith(count, { capacity: 64 }, first)
        for (const number of ask(buffer, missing, nowUs).resent) {
          const distance = number - first
          assert.ok(distance < count && distance >= count - 64)
        }
      },
    ),
  )
})
