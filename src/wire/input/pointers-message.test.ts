import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { decodePointers, encodePointers, maxPositions, PointersReceiver } from './pointers-message.ts'

test('encodePointers writes these bytes', () => {
  const message = { sequence: 0x0102, positions: [{ player: 7, x: 0, y: 1 }] }
  assert.deepEqual([...encodePointers(message)], [3, 1, 2, 0, 7, 0, 0, 0xff, 0xff])
})

test('decodePointers gives back what encodePointers was given, to a fraction of a pixel', () => {
  const word = fc.nat(0xffff)
  const position = fc.record({ player: word, x: word, y: word })
  fc.assert(
    fc.property(word, fc.array(position, { maxLength: maxPositions }), (sequence, raw) => {
      const positions = raw.map(({ player, x, y }) => ({ player, x: x / 0xffff, y: y / 0xffff }))
      assert.deepEqual(decodePointers(encodePointers({ sequence, positions })), { sequence, positions })
    }),
  )
})

test('encodePointers leaves out what does not fit into a datagram', () => {
  const positions = Array.from({ length: maxPositions + 9 }, (_, player) => ({ player, x: 0, y: 0 }))
  const bytes = encodePointers({ sequence: 0, positions })
  assert.ok(bytes.length < 1150)
  assert.equal(decodePointers(bytes).positions.length, maxPositions)
})

test('decodePointers throws nothing but a WireError, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        decodePointers(bytes)
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
  assert.throws(() => decodePointers(new Uint8Array(2000)), WireError)
})

test('accept leaves out what comes late or twice', () => {
  const receiver = new PointersReceiver()
  const told = (sequence: number, nowMs = 0) =>
    receiver.accept(encodePointers({ sequence, positions: [] }), nowMs) !== undefined
  assert.deepEqual(
    [50_000, 50_002, 50_001, 50_002, 50_003].map((sequence) => told(sequence)),
    [true, true, false, false, true],
  )
  assert.ok(told(7, 1000), 'after a silence everything is news: it may be of another lobby')
  assert.ok(!told(6, 1999))
})
