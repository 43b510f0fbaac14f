import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { decodeRtcp, encodeRtcp, maxNackSequences, ntpTimeOf, roundTripMsOf, type RtcpPacket } from './rtcp.ts'

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'))

/** fast-check's records have no prototype at times; a decoder's always have one. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true })
const uint32 = fc.integer({ min: 0, max: 0xffffffff })
const uint16 = fc.integer({ min: 0, max: 0xffff })
const report = plain({
  ssrc: uint32,
  fractionLost: fc.integer({ min: 0, max: 255 }).map((n) => n / 256),
  cumulativeLost: fc.integer({ min: -0x800000, max: 0x7fffff }),
  highestSequence: uint32,
  jitter: uint32,
  lastSenderReport: uint32,
  delaySinceLastSenderReport: uint32,
})
const reports = fc.array(report, { maxLength: 4 })
const packet: fc.Arbitrary<RtcpPacket> = fc.oneof(
  plain({
    type: fc.constant('sender-report' as const),
    ssrc: uint32,
    ntp: plain({ seconds: uint32, fraction: uint32 }),
    rtpTimestamp: uint32,
    packetCount: uint32,
    payloadBytes: uint32,
    reports,
  }),
  plain({ type: fc.constant('receiver-report' as const), ssrc: uint32, reports }),
  plain({
    type: fc.constant('nack' as const),
    senderSsrc: uint32,
    mediaSsrc: uint32,
    sequences: fc
      .tuple(uint16, fc.uniqueArray(fc.nat(300), { minLength: 1, maxLength: 60 }))
      .map(([base, offsets]) => offsets.toSorted((a, b) => a - b).map((offset) => (base + offset) & 0xffff)),
  }),
  plain({ type: fc.constant('picture-loss' as const), senderSsrc: uint32, mediaSsrc: uint32 }),
  plain({
    type: fc.constant('full-intra-request' as const),
    senderSsrc: uint32,
    entries: fc.array(plain({ ssrc: uint32, sequence: fc.nat(255) }), { minLength: 1, maxLength: 3 }),
  }),
  plain({
    type: fc.constant('maximum-bitrate' as const),
    senderSsrc: uint32,
    bitrateBps: fc.tuple(fc.nat(0x3ffff), fc.nat(20)).map(([mantissa, exponent]) => mantissa * 2 ** exponent),
    ssrcs: fc.array(uint32, { maxLength: 3 }),
  }),
  plain({
    type: fc.constant('goodbye' as const),
    ssrcs: fc.array(uint32, { maxLength: 3 }),
    reason: fc.option(fc.string({ maxLength: 40 }), { nil: undefined }),
  }),
)

test('decodeRtcp gives back what encodeRtcp wrote, packet for packet', () => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 4 }), (packets) => {
      assert.deepEqual(decodeRtcp(encodeRtcp(packets)), packets)
    }),
  )
})

test('encodeRtcp writes a sender report with the canonical name behind it', () => {
  const bytes = encodeRtcp(
    [
      {
        type: 'sender-report',
        ssrc: 0x01020304,
        ntp: { seconds: 0xe0000000, fraction: 0x80000000 },
        rtpTimestamp: 90_000,
        packetCount: 3,
        payloadBytes: 3000,
        reports: [],
      },
      { type: 'goodbye', ssrcs: [0x01020304], reason: undefined },
    ],
    { ssrc: 0x01020304, name: 'ab' },
  )
  assert.deepEqual(
    bytes,
    bytesOf(`
      80 c8 00 06  01 02 03 04  e0 00 00 00  80 00 00 00  00 01 5f 90  00 00 00 03  00 00 0b b8
      81 ca 00 03  01 02 03 04  01 02 61 62  00 00 00 00
      81 cb 00 01  01 02 03 04`),
  )
  assert.deepEqual(
    decodeRtcp(bytes).map(({ type }) => type),
    ['sender-report', 'goodbye'],
  )
})

test('decodeRtcp reads a receiver report with a negative loss count', () => {
  const [packetRead] = decodeRtcp(
    bytesOf('81 c9 00 07  00 00 00 01  00 00 00 02  40 ff ff fe  00 01 00 05  00 00 00 06  00 00 00 07  00 00 00 08'),
  )
  assert.deepEqual(packetRead, {
    type: 'receiver-report',
    ssrc: 1,
    reports: [
      {
        ssrc: 2,
        fractionLost: 0.25,
        cumulativeLost: -2,
        highestSequence: 0x10005,
        jitter: 6,
        lastSenderReport: 7,
        delaySinceLastSenderReport: 8,
      },
    ],
  })
})

test('decodeRtcp expands a NACK across the wrap of sequence numbers', () => {
  assert.deepEqual(decodeRtcp(bytesOf('81 cd 00 03  00 00 00 01  00 00 00 02  ff ff 80 03')), [
    { type: 'nack', senderSsrc: 1, mediaSsrc: 2, sequences: [0xffff, 0, 1, 15] },
  ])
})

test('decodeRtcp reads PLI, FIR and REMB from their bytes', () => {
  assert.deepEqual(
    decodeRtcp(
      bytesOf(`
        81 ce 00 02  00 00 00 01  00 00 00 02
        84 ce 00 04  00 00 00 01  00 00 00 00  00 00 00 02  07 00 00 00
        8f ce 00 05  00 00 00 01  00 00 00 00  52 45 4d 42  01 1b 93 80  00 00 00 02`),
    ),
    [
      { type: 'picture-loss', senderSsrc: 1, mediaSsrc: 2 },
      { type: 'full-intra-request', senderSsrc: 1, entries: [{ ssrc: 2, sequence: 7 }] },
      { type: 'maximum-bitrate', senderSsrc: 1, bitrateBps: 0x39380 * 64, ssrcs: [2] },
    ],
  )
})

test('decodeRtcp skips what it does not know: source descriptions, application packets, other feedback', () => {
  const bytes = bytesOf(`
    81 ca 00 03  00 00 00 01  01 02 61 62  00 00 00 00
    80 cc 00 02  00 00 00 01  61 62 63 64
    8f ce 00 03  00 00 00 01  00 00 00 02  61 62 63 64
    82 ce 00 03  00 00 00 01  00 00 00 02  61 62 63 64
    81 ce 00 02  00 00 00 01  00 00 00 02`)
  assert.deepEqual(
    decodeRtcp(bytes).map(({ type }) => type),
    ['picture-loss'],
  )
})

test('decodeRtcp refuses a compound packet when a part of it is cut off or contradicts itself', () => {
  const refused: [string, string][] = [
    ['81 ce 00 02  00 00 00 01', 'too-short'],
    ['81 ce 00', 'too-short'],
    ['41 ce 00 02  00 00 00 01  00 00 00 02', 'malformed'],
    ['a1 ce 00 02  00 00 00 01  00 00 00 09', 'malformed'],
    ['81 c9 00 01  00 00 00 01', 'too-short'],
    ['81 cd 00 02  00 00 00 01  00 00 00 02', 'too-short'],
    ['8f ce 00 04  00 00 00 01  00 00 00 00  52 45 4d 42  09 1b 93 80', 'too-short'],
    ['81 cb 00 02  00 00 00 01  09 61 62 63', 'too-short'],
  ]
  for (const [hex, code] of refused) assert.throws(() => decodeRtcp(bytesOf(hex)), { name: 'WireError', code }, hex)
})

test('decodeRtcp refuses a source description that its chunks do not fill', () => {
  for (const whole of [
    '81ca0003 12345678 01 04 61626364 0000',
    '81ca0002 12345678 00000000',
    '80ca0000',
    '82ca0005 12345678 01016100 12345679 01026162 00000000',
  ]) {
    assert.deepEqual(decodeRtcp(bytesOf(whole)), [], whole)
  }
  for (const broken of [
    '80ca0001 00000000',
    '81ca0001 12345678',
    '81ca0002 12345678 01ff6161',
    '81ca0003 12345678 01026161 01026161',
    '81ca0003 12345678 01000100 01000100',
    '81ca0004 12345678 00000000 00000000 00000000',
    '9fca0001 12345678',
  ]) {
    assert.throws(() => decodeRtcp(bytesOf(broken)), WireError, broken)
  }
})

test('decodeRtcp refuses a NACK when it asks for more packets than anybody keeps', () => {
  const blocks = maxNackSequences / 16
  const hex = `81 cd ${(2 + blocks).toString(16).padStart(4, '0')} 00000001 00000002 ${'0000ffff'.repeat(blocks)}`
  assert.throws(() => decodeRtcp(bytesOf(hex)), { code: 'too-long' })
})

test('decodeRtcp throws only WireError and ends when the bytes are random', () => {
  const frame = fc
    .tuple(fc.constantFrom(1, 4, 15, 0, 31), fc.integer({ min: 199, max: 207 }), fc.uint8Array({ maxLength: 60 }))
    .map(([count, type, body]) => {
      const words = Math.floor(body.length / 4)
      return [0x80 | count, type, 0, words].concat(Array.from(body.subarray(0, 4 * words)))
    })
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.array(frame, { maxLength: 4 }).map((frames) => Uint8Array.from(frames.flat())),
  )
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        decodeRtcp(input)
      } catch (error) {
        assert.ok(error instanceof WireError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

test('roundTripMsOf gives the figures of the example in RFC 3550 section 6.4.1', () => {
  const example = {
    ssrc: 0,
    fractionLost: 0,
    cumulativeLost: 0,
    highestSequence: 0,
    jitter: 0,
    lastSenderReport: 0xb705_2000,
    delaySinceLastSenderReport: 0x0005_4000,
  }
  assert.equal(roundTripMsOf(example, { seconds: 0xb710, fraction: 0x8000_0000 }), 6125)
  assert.equal(roundTripMsOf({ ...example, lastSenderReport: 0 }, { seconds: 0xb710, fraction: 0 }), undefined)
  assert.equal(roundTripMsOf(example, { seconds: 0xb700, fraction: 0 }), undefined)
})

test('ntpTimeOf counts from 1900 and keeps fractions of a millisecond', () => {
  assert.deepEqual(ntpTimeOf(0), { seconds: 2_208_988_800, fraction: 0 })
  assert.deepEqual(ntpTimeOf(1500.5), { seconds: 2_208_988_801, fraction: Math.floor(0.5005 * 2 ** 32) })
})
