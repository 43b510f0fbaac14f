import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { decodeRtcp, encodeRtcp } from './rtcp.ts'
import { maxFeedbackPackets, notReceived, type TransportFeedback } from './transport-feedback.ts'

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'))

const feedback = (fields: Partial<TransportFeedback>): TransportFeedback => ({
  type: 'transport-feedback',
  senderSsrc: 1,
  mediaSsrc: 2,
  feedbackCount: 3,
  baseSequence: 10,
  referenceTimeUs: 5 * 64_000,
  deltasUs: Int32Array.of(0),
  ...fields,
})

test('decodeRtcp reads transport feedback with both vectors, a run and both sizes of delta', () => {
  const hex = `
    8f cd 00 08  00 00 00 01  00 00 00 02
    00 0a 00 19  00 00 05 03
    a0 01 c2 40 20 04
    04 08 ff fc 0c 10 14 18 1c
    00`
  const expected = Array.from({ length: 25 }, () => notReceived)
  expected[0] = 1000
  expected[13] = 2000
  expected[16] = -1000
  expected[17] = 3000
  expected[21] = 4000
  expected[22] = 5000
  expected[23] = 6000
  expected[24] = 7000
  assert.deepEqual(decodeRtcp(bytesOf(hex)), [feedback({ deltasUs: Int32Array.from(expected) })])
})

test('decodeRtcp reads the last of a feedback that is padded by the rules of RFC 3550', () => {
  const hex = 'af cd 00 05  00 00 00 01  00 00 00 02  00 0a 00 01  00 00 05 03  20 01 04 01'
  assert.deepEqual(decodeRtcp(bytesOf(hex)), [feedback({ deltasUs: Int32Array.of(1000) })])
})

test('decodeRtcp gives back the transport feedback that encodeRtcp wrote', () => {
  const delta = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 255 }) },
    { weight: 1, arbitrary: fc.integer({ min: -0x8000, max: 0x7fff }) },
    { weight: 4, arbitrary: fc.constant(notReceived / 250) },
  )
  const stretch = fc.tuple(fc.integer({ min: 1, max: 40 }), delta).map(([count, value]) => Array(count).fill(value))
  const deltas = fc
    .oneof(fc.array(delta, { minLength: 1, maxLength: 80 }), fc.array(stretch, { minLength: 1, maxLength: 8 }))
    .map((ticks) => Int32Array.from(ticks.flat(), (tick) => tick * 250))
  const anyFeedback = fc
    .record({
      senderSsrc: fc.nat(),
      mediaSsrc: fc.nat(),
      feedbackCount: fc.nat(255),
      baseSequence: fc.nat(0xffff),
      referenceTimeUs: fc.nat(2 ** 24 - 1).map((ticks) => ticks * 64_000),
      deltasUs: deltas,
    })
    .map(feedback)
  fc.assert(
    fc.property(anyFeedback, (written) => {
      assert.deepEqual(decodeRtcp(encodeRtcp([written])), [written])
    }),
    { numRuns: 500 },
  )
})

test('decodeRtcp refuses transport feedback when its chunks, deltas or tail do not fit', () => {
  const head = (words: string, count: string) => `8f cd ${words} 00000001 00000002 000a ${count} 00000503`
  const refused: [string, string][] = [
    [head('0004', '0000'), 'malformed'],
    [`${head('0005', 'ffff')} 20 01 04 00`, 'too-long'],
    [head('0004', '0001'), 'too-short'],
    [`${head('0005', '0003')} 20 03 04 08`, 'too-short'],
    [`${head('0005', '0001')} 60 01 04 08`, 'malformed'],
    [`${head('0006', '0001')} 20 01 04 00 00 00 00 00`, 'malformed'],
  ]
  for (const [hex, code] of refused) assert.throws(() => decodeRtcp(bytesOf(hex)), { name: 'WireError', code }, hex)
})

test('encodeRtcp refuses transport feedback when a delta needs more than 16 bits or there are too many packets', () => {
  const refused = [
    Int32Array.of(0x8000 * 250),
    Int32Array.of(-0x8001 * 250),
    new Int32Array(0),
    new Int32Array(maxFeedbackPackets + 1),
  ]
  for (const deltasUs of refused) {
    assert.throws(() => encodeRtcp([feedback({ deltasUs })]), { code: 'out-of-range' })
  }
})
