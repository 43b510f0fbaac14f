import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { joinOpus, splitOpus } from './opus-packet.ts'

const toc = fc.integer({ min: 0, max: 63 }).map((kind) => kind << 2)

test('what was joined is split bit for bit, and has one byte less', () => {
  fc.assert(
    fc.property(toc, fc.nat(1_274), fc.infiniteStream(fc.nat(255)), (kind, length, bytes) => {
      const packet = () => Uint8Array.from([kind, ...bytes.take(length)])
      const [first, second] = [packet(), packet()]
      const joined = joinOpus(first, second)
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
    assert.throws(() => joinOpus(alike, other), RangeError)
    assert.throws(
      () => joinOpus(other, other.length === 3 && other[0] === 0xe8 ? alike : other.subarray(1)),
      RangeError,
    )
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
