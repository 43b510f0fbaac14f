import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { datagramsIn } from './coalesced.ts'

const usual = 1200
const head = fc.uint8Array({ minLength: 6, maxLength: 6, max: 0xfe })

test('datagramsIn finds the packets of one flow again, whatever their length and however many', () => {
  const packets = fc
    .tuple(head, fc.integer({ min: 14, max: 1200 }), fc.integer({ min: 2, max: 20 }), fc.integer({ min: 6, max: 1200 }))
    .map(([first, length, count, last]) =>
      Array.from({ length: count }, (_, at) => {
        const packet = new Uint8Array(at === count - 1 ? Math.min(length, last) : length).fill(0xff)
        packet.set(first)
        return packet
      }),
    )
  fc.assert(
    fc.property(packets, (sent) => {
      const gathered = Uint8Array.from(sent.flatMap((each) => [...each]))
      assert.deepEqual([...datagramsIn(gathered, usual)], sent)
    }),
    { numRuns: 50 },
  )
})

test('datagramsIn finds small packets that together have the usual length', () => {
  const small = new Uint8Array(150).fill(0xff)
  small.fill(0, 0, 6)
  const sent = [...Array.from({ length: 16 }, () => small), small.subarray(0, 6)]
  assert.deepEqual(
    [...datagramsIn(Buffer.concat(sent), usual)].map(({ length }) => length),
    [...Array(16).fill(150), 6],
  )
})

test('datagramsIn leaves one packet, and what is made of something else, as it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      const all = [...datagramsIn(bytes, usual)]
      assert.equal(
        all.reduce((sum, { length }) => sum + length, 0),
        bytes.length,
      )
      if (!Buffer.from(bytes).includes(Buffer.from(bytes.subarray(0, 6)), 14)) assert.deepEqual(all, [bytes])
    }),
  )
})
