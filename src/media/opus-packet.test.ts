import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { joinOpus, splitOpus } from './opus-packet.ts'

const toc = fc.integer({ min: 0, max: 63 }).map((kind) => kind << 2)

test('what was joined is split bit for bit, and has one byte less', () => {
  fc.assert(
    fc.property(toc, fc.nat(1_274), fc.infiniteStream(fc.nat(255)), (kind, length, bytes) => {
      const packet = () => Uint8Array.from([kind, ...bytes.take(length)])
      const [first, second] = [packet(), packet()]
      const joined = joinOpus(first, second) ?? assert.fail('they are alike')
      assert.deepEqual([joined.length, joined[0]], [2 * length + 1, kind | 1])
      assert.deepEqual(splitOpus(joined), [first, second])
    }),
  )
})

test('packets that are not alike are not joined, and what was not joined is not split', () => {
  const alike = Uint8Array.of(0xec, 1, 2)
  for (const other of [
    Uint8Array.of(0xec, 1),
    Uint8Array.of(0xe8, 1, 2),
    Uint8Array.of(0xed, 1, 2),
    new Uint8Array(),
  ]) {
    assert.equal(joinOpus(alike, other), undefined)
    assert.equal(joinOpus(other, other.length === 3 && other[0] === 0xe8 ? alike : other.subarray(1)), undefined)
  }
  for (const packet of [
    new Uint8Array(),
    alike,
    Uint8Array.of(0xed, 1),
    Uint8Array.of(0xee, 1, 2),
    Uint8Array.of(0xef),
  ]) {
    assert.equal(splitOpus(packet), undefined)
  }
})

/** A packet of several streams: each but the last has the length of its frame behind its kind. */
function packetOf(frames: readonly { readonly kind: number; readonly bytes: Uint8Array }[]): Uint8Array {
  const parts = frames.flatMap(({ kind, bytes }, index) => {
    const { length } = bytes
    const rest = length % 4
    const digits = length < 252 ? [length] : [252 + rest, (length - 252 - rest) / 4]
    return [kind, ...(index < frames.length - 1 ? digits : []), ...bytes]
  })
  return Uint8Array.from(parts)
}

test('packets of several streams are joined stream by stream, and split bit for bit', () => {
  const frame = fc.record({ kind: toc, length: fc.nat(1_275) })
  fc.assert(
    fc.property(fc.array(frame, { minLength: 2, maxLength: 5 }), fc.infiniteStream(fc.nat(255)), (shapes, bytes) => {
      const packet = () =>
        packetOf(shapes.map(({ kind, length }) => ({ kind, bytes: Uint8Array.from(bytes.take(length)) })))
      const [first, second] = [packet(), packet()]
      const joined = joinOpus(first, second, shapes.length) ?? assert.fail('they are alike')
      assert.deepEqual(splitOpus(joined, shapes.length), [first, second])
    }),
  )
})

test('what is no packet of so many streams is neither joined nor split, whatever it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (bytes, streams) => {
      const pair = splitOpus(bytes, streams)
      if (pair) assert.deepEqual(joinOpus(...pair, streams), bytes)
      else joinOpus(bytes, bytes, streams)
    }),
  )
  const [whole, cut] = [Uint8Array.of(0xec, 2, 1, 2, 0xe8, 1), Uint8Array.of(0xec, 2, 1)]
  assert.deepEqual(joinOpus(whole, whole, 2), Uint8Array.of(0xed, 2, 1, 2, 1, 2, 0xe9, 1, 1))
  assert.equal(joinOpus(cut, cut, 2), undefined)
  assert.equal(joinOpus(whole, Uint8Array.of(0xec, 1, 1, 0xe8, 1, 2), 2), undefined)
})
