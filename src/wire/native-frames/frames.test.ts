import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { decodeDatagram } from './decode-frames.ts'
import { DatagramWriter, encodeDatagram, streamDataRoom } from './encode-frames.ts'
import { arrivalUnitUs, datagramKinds, maxMissing, maxRanges, type Frame } from './frame.ts'
import { FieldReader, FieldWriter, varintBytes } from './varint.ts'

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const data = fc.uint8Array({ maxLength: 200 })

/** Numbers that grow, with something missing or not between them. */
const growing = (max: number) =>
  fc.tuple(fc.nat(2 ** 40), fc.array(fc.nat(50), { minLength: 1, maxLength: max })).map(([from, steps]) => {
    let newest = from
    return steps.map((step) => (newest += 1 + step))
  })

const ranges = growing(2 * maxRanges).map((edges) => {
  const pairs: { first: number; last: number }[] = []
  // Twice as far apart, so that something is missing between any two.
  for (let at = 0; at + 1 < edges.length; at += 2) {
    pairs.unshift({ first: 2 * (edges[at] as number), last: 2 * (edges[at + 1] as number) })
  }
  return pairs.length > 0 ? pairs : [{ first: 5, last: 5 }]
})

const arrivals = fc
  .record({
    first: fc.nat(2 ** 45),
    baseUs: fc.nat(2 ** 45),
    steps: fc.array(fc.option(fc.integer({ min: -500, max: 5000 }), { nil: undefined }), { maxLength: 60 }),
  })
  .map(({ first, baseUs, steps }): Frame => {
    let atUs = baseUs + 500 * arrivalUnitUs * 100
    const told = steps.map((step) => (step === undefined ? Number.NaN : (atUs += step * arrivalUnitUs)))
    return { type: 'arrivals', first, arrivalsUs: [baseUs + 500 * arrivalUnitUs * 100, ...told] }
  })

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('ping' as const) }),
  fc.record({ type: fc.constant('key-wanted' as const) }),
  fc.record({ type: fc.constant('acknowledged' as const), ranges, delayUs: fc.nat(1e6).map((units) => units * 8) }),
  arrivals,
  fc.record({ type: fc.constant('reset' as const), stream: number, code: number, bytes: number }),
  fc.record({ type: fc.constant('stop' as const), stream: number, code: number }),
  fc.record({ type: fc.constant('missing' as const), numbers: growing(40) }),
  fc.record({
    type: fc.constant('stream' as const),
    stream: number,
    offset: fc.nat(2 ** 50),
    data,
    fin: fc.boolean(),
  }),
  fc.record({ type: fc.constant('max-data' as const), bytes: number }),
  fc.record({ type: fc.constant('max-stream-data' as const), stream: number, bytes: number }),
  fc.record({ type: fc.constant('max-streams' as const), streams: number }),
  fc.record({ type: fc.constant('datagram' as const), kind: fc.constantFrom(...datagramKinds), data }),
)

/** With the prototype of what a decoder makes. */
const frame = anyFrame.map((one): Frame => ({ ...one }))

test('decodeDatagram reads what was written', () => {
  fc.assert(
    fc.property(number, fc.array(frame, { minLength: 1, maxLength: 3 }), (datagram, frames) => {
      const bytes = encodeDatagram(datagram, frames, 1500)
      const read = decodeDatagram(bytes)
      assert.equal(read.number, datagram)
      assert.deepEqual(read.frames, frames)
    }),
  )
})

test('decodeDatagram reads the bytes that the page of frames draws', () => {
  const known: Readonly<Record<string, Frame>> = {
    '0701': { type: 'ping' },
    '07000000': { type: 'padding', bytes: 3 },
    // 10 to 12 and 7: 8 and 9 are missing.
    '07020c02010201 00': {
      type: 'acknowledged',
      ranges: [
        { first: 10, last: 12 },
        { first: 7, last: 7 },
      ],
      delayUs: 16,
    },
    // 100 at 6400 µs, 101 did not come, 102 64 µs later.
    '07034064035900 010005': { type: 'arrivals', first: 100, arrivalsUs: [6400, Number.NaN, 6464] },
    '070404074120': { type: 'reset', stream: 4, code: 7, bytes: 288 },
    '0706020301 0100': { type: 'missing', numbers: [3, 4, 7] },
    '070904 8000ffff 02 6869': {
      type: 'stream',
      stream: 4,
      offset: 65_535,
      data: new TextEncoder().encode('hi'),
      fin: true,
    },
    '0722 03 010203': { type: 'datagram', kind: 'audio', data: Uint8Array.of(1, 2, 3) },
  }
  for (const [hex, wanted] of Object.entries(known)) {
    const bytes = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    assert.deepEqual(decodeDatagram(bytes), { number: 7, frames: [wanted] }, hex)
    assert.equal(Buffer.from(encodeDatagram(7, [wanted], 1500)).toString('hex'), hex.replaceAll(' ', ''))
  }
})

test('decodeDatagram makes a frame or a WireError of anything, and of every beginning of what was written', () => {
  const read = (bytes: Uint8Array) => {
    try {
      decodeDatagram(bytes)
    } catch (error) {
      assert.ok(error instanceof WireError)
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1600 }), read))
  fc.assert(
    fc.property(frame, fc.nat(), (written, cut) => {
      const bytes = encodeDatagram(1, [written], 1500)
      read(bytes.subarray(0, cut % bytes.length))
    }),
  )
})

test('decodeDatagram refuses what would cost more than it is long, and what cannot be', () => {
  const huge = [0xc0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
  const refused: Readonly<Record<string, readonly number[]>> = {
    'nothing at all': [],
    'no frame': [7],
    'an unknown frame': [7, 0x1f],
    'a kind that there is not': [7, 0x25, 0],
    'a number beyond 2^53': [7, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    'a range below zero': [7, 2, 1, 0, 0, 2],
    'more ranges than are told of': [7, 2, 40, 0, maxRanges, 0],
    'more packets than are asked for at once': [7, 6, 1, 0, 0x41, 0x00],
    'a billion packets': [7, 6, 1, 0, ...huge],
    'arrivals of none': [7, 3, 1, 0, 0],
    'arrivals that are not there': [7, 3, 1, 0x41, 0x00, 0],
    'data that is not there': [7, 8, 0, 0, 9, 1],
    'a stream without end': [7, 8, 0, ...huge, 1, 1],
  }
  for (const [what, bytes] of Object.entries(refused)) {
    assert.throws(() => decodeDatagram(Uint8Array.from(bytes)), WireError, what)
  }
  assert.throws(() => decodeDatagram(new Uint8Array(1501)), { code: 'too-long' })
})

test('DatagramWriter refuses what does not fit, what cannot be counted, and lists that cannot be told', () => {
  const refused: readonly Frame[] = [
    { type: 'datagram', kind: 'video', data: new Uint8Array(1200) },
    { type: 'max-data', bytes: 2 ** 53 },
    { type: 'max-data', bytes: -1 },
    { type: 'max-data', bytes: 0.5 },
    { type: 'acknowledged', ranges: [], delayUs: 0 },
    { type: 'missing', numbers: [] },
    { type: 'missing', numbers: [4, 4] },
    { type: 'missing', numbers: Array.from({ length: maxMissing + 1 }, (_, index) => 2 * index) },
    { type: 'arrivals', first: 0, arrivalsUs: [Number.NaN] },
  ]
  for (const one of refused) assert.throws(() => encodeDatagram(1, [one], 1200), WireError, one.type)
})

test('streamDataRoom is exactly what fits', () => {
  fc.assert(
    fc.property(fc.nat(1500), fc.nat(70_000), fc.nat(2 ** 40), (room, stream, offset) => {
      const bytes = streamDataRoom(room, stream, offset)
      const written = (length: number) => {
        const writer = new DatagramWriter(2000)
        writer.begin(0)
        const before = writer.room
        writer.frame({ type: 'stream', stream, offset, data: new Uint8Array(length), fin: false })
        return before - writer.room
      }
      if (bytes > 0) assert.ok(written(bytes) <= room)
      assert.ok(written(bytes + 2) > room)
    }),
  )
})

test('FieldWriter writes numbers as RFC 9000 has them', () => {
  // Appendix A.1.
  const known: Readonly<Record<string, number>> = {
    '25': 37,
    '7bbd': 15_293,
    '9d7f3e7d': 494_878_333,
    c0000000ffffffff: 2 ** 32 - 1,
  }
  for (const [hex, value] of Object.entries(known)) {
    const bytes = new Uint8Array(varintBytes(value))
    new FieldWriter(bytes).varint(value)
    assert.equal(Buffer.from(bytes).toString('hex'), hex)
    assert.equal(new FieldReader(bytes).varint(), value)
  }
  assert.equal(new FieldReader(Uint8Array.of(0x40, 0x25)).varint(), 37)
})
