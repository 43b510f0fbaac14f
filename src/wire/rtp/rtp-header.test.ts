import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { decodeRtp, isRtcp, RtpWriter, type RtpHeader } from './rtp-header.ts'
import { rtpPacketOf } from './rtp-packet.ts'

const header: RtpHeader = {
  payloadType: 103,
  ssrc: 0xdeadbeef,
  sequence: 0xabcd,
  timestamp: 0xfedcba98,
  marker: false,
  transportExtensionId: 4,
  transportSequence: 0x1234,
}

test('RtpWriter writes the bits of RFC 3550 and RFC 8285 when the extension was negotiated', () => {
  const packet = rtpPacketOf(Uint8Array.of(0xaa, 0xbb), true)
  assert.deepEqual(
    [...new RtpWriter().write(packet, header)],
    [
      0x90, 0xe7, 0xab, 0xcd, 0xfe, 0xdc, 0xba, 0x98, 0xde, 0xad, 0xbe, 0xef, 0xbe, 0xde, 0x00, 0x01, 0x41, 0x12, 0x34,
      0x00, 0xaa, 0xbb,
    ],
  )
})

test('RtpWriter writes twelve bytes before the same payload when there is no extension, and nothing into the packet', () => {
  const packet = rtpPacketOf(Uint8Array.of(0xaa, 0xbb), false)
  const writer = new RtpWriter()
  writer.write(packet, header)
  const bytes = [0x80, 0x67, 0xab, 0xcd, 0xfe, 0xdc, 0xba, 0x98, 0xde, 0xad, 0xbe, 0xef, 0xaa, 0xbb]
  assert.deepEqual([...writer.write(packet, { ...header, transportExtensionId: 0 })], bytes)
  assert.deepEqual(packet, rtpPacketOf(Uint8Array.of(0xaa, 0xbb), false))
  const marked = writer.write(packet, { ...header, transportExtensionId: 0, marker: true })
  assert.deepEqual([...marked], [0x80, 0xe7, ...bytes.slice(2)])
})

test('decodeRtp reads what RtpWriter wrote, for two viewers of one packet one after the other', () => {
  const anyHeader = fc.record({
    payloadType: fc.integer({ min: 0, max: 127 }),
    ssrc: fc.integer({ min: 0, max: 0xffffffff }),
    sequence: fc.integer({ min: 0, max: 0xffff }),
    timestamp: fc.integer({ min: 0, max: 0xffffffff }),
    transportExtensionId: fc.integer({ min: 0, max: 14 }),
    transportSequence: fc.integer({ min: 0, max: 0xffff }),
    marker: fc.boolean(),
  })
  const writer = new RtpWriter()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), anyHeader, anyHeader, (payload, marker, one, other) => {
      const packet = rtpPacketOf(payload, marker)
      for (const written of [one, other]) {
        const { transportExtensionId, transportSequence, ...fields } = written
        assert.deepEqual(decodeRtp(writer.write(packet, written), transportExtensionId || 4), {
          ...fields,
          marker: marker || fields.marker,
          transportSequence: transportExtensionId === 0 ? undefined : transportSequence,
          payload,
        })
      }
    }),
  )
})

test('decodeRtp skips contributing sources, foreign extensions and padding when a packet has them', () => {
  const bytes = Uint8Array.from(
    [
      [0xb1, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
      [9, 9, 9, 9],
      [0xbe, 0xde, 0, 2, 0x30, 7, 0x00, 0x41, 0x12, 0x34, 0, 0],
      [0x55, 0, 0, 3],
    ].flat(),
  )
  const packet = decodeRtp(bytes, 4)
  assert.equal(packet.transportSequence, 0x1234)
  assert.deepEqual([...packet.payload], [0x55])
})

test('decodeRtp throws only WireError and ends when the bytes are random', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 0, max: 0x3f }), (bytes, flags) => {
      if (bytes.length > 0) bytes[0] = 0x80 | flags
      try {
        decodeRtp(bytes, 4)
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
})

test('isRtcp tells RTCP from RTP by the second byte when both share a port', () => {
  assert.equal(isRtcp(Uint8Array.of(0x80, 200)), true)
  assert.equal(isRtcp(Uint8Array.of(0x8f, 205)), true)
  assert.equal(isRtcp(Uint8Array.of(0x90, 0x80 | 103)), false)
  assert.equal(isRtcp(Uint8Array.of(0x90, 103)), false)
  assert.equal(isRtcp(Uint8Array.of()), false)
})
