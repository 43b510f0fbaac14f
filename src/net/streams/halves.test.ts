import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { IncomingBytes } from './incoming-bytes.ts'
import { OutgoingBytes } from './outgoing-bytes.ts'
import { RangeSet } from './range-set.ts'

test('RangeSet is the same as a set of numbers, in as few ranges as can be', () => {
  const step = fc.record({ adds: fc.boolean(), from: fc.nat(60), length: fc.nat(12) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const ranges = new RangeSet()
      const plain = new Set<number>()
      for (const { adds, from, length } of steps) {
        const numbers = Array.from({ length }, (_, index) => from + index)
        if (adds) {
          const fresh = numbers.filter((number) => !plain.has(number)).length
          assert.equal(ranges.add(from, from + length), fresh)
          for (const number of numbers) plain.add(number)
        } else {
          ranges.remove(from, from + length)
          for (const number of numbers) plain.delete(number)
        }
      }
      for (let number = 0; number < 80; number++) assert.equal(ranges.has(number), plain.has(number))
      const begins = [...plain].filter((number) => !plain.has(number - 1)).toSorted((a, b) => b - a)
      assert.deepEqual(
        ranges.highest(Infinity).map(({ first }) => first),
        begins,
      )
      assert.equal(ranges.size, begins.length)
    }),
  )
})

test('OutgoingBytes and IncomingBytes bring every byte over whatever is lost, repeated and reordered, within their windows', () => {
  const scene = fc.record({
    bytes: fc.integer({ min: 0, max: 2000 }),
    window: fc.integer({ min: 16, max: 400 }),
    room: fc.integer({ min: 8, max: 100 }),
    seed: fc.nat(),
  })
  fc.assert(
    fc.property(scene, ({ bytes, window, room, seed }) => {
      const random = seededRandom(seed)
      const data = Uint8Array.from({ length: bytes }, () => random() * 256)
      const out = new OutgoingBytes(window)
      const into = new IncomingBytes(window)
      const onWay: { offset: number; data: Uint8Array; fin: boolean }[] = []
      const read: number[] = []
      let written = 0
      for (let turn = 0; turn < 200_000 && !(out.isDone && into.isEnded); turn++) {
        written += out.write(data.subarray(written, written + Math.ceil(random() * 50)))
        assert.ok(out.waiting <= window)
        if (written === bytes) out.finish()
        const piece = out.take(room, into.limit)
        if (piece) onWay.push({ ...piece, data: Uint8Array.from(piece.data) })
        const at = Math.floor(random() * onWay.length)
        const one = onWay[at]
        if (one && (!piece || random() < 0.5)) {
          const what = { offset: one.offset, bytes: one.data.length, fin: one.fin }
          const chance = random()
          if (chance < 0.3) out.onLost(what)
          else if (into.take(one.offset, one.data, one.fin)) out.onAcknowledged(what)
          else out.onLost(what)
          // Sometimes it comes, or is missed, once more.
          if (chance < 0.9) onWay.splice(at, 1)
        }
        if (random() < 0.3) read.push(...(into.read(Math.ceil(random() * 200)) ?? []))
        else if (into.ready === 0) into.read(1)
      }
      assert.ok(out.isDone && into.isEnded)
      assert.deepEqual(read, Array.from(data))
    }),
    { numRuns: 40, endOnFailure: true },
  )
})

test('IncomingBytes refuses what is beyond its window, and two ends', () => {
  const violation = { code: 'violation' }
  const incoming = new IncomingBytes(100)
  assert.throws(() => incoming.take(90, new Uint8Array(11), false), violation)
  incoming.take(0, new Uint8Array(10), false)
  assert.throws(() => incoming.take(0, new Uint8Array(5), true), violation)
  incoming.take(10, new Uint8Array(10), true)
  assert.throws(() => incoming.take(20, new Uint8Array(1), false), violation)
  assert.throws(() => incoming.end(19), violation)
  assert.equal(incoming.take(10, new Uint8Array(10), true), true)
})

test('IncomingBytes keeps few gaps, and what fills one always', () => {
  const incoming = new IncomingBytes(1000)
  const kept = Array.from({ length: 400 }, (_, number) => incoming.take(2 + 2 * number, Uint8Array.of(1), false))
  assert.equal(kept.filter(Boolean).length, 64)
  assert.equal(incoming.take(0, Uint8Array.of(1, 1), false), true)
  assert.equal(incoming.read(1000)?.length, 3)
})
