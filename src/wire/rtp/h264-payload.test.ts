import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { nalUnits } from './annex-b.ts'
import { H264Depacketiser, packetiseH264 } from './h264-payload.ts'
import { defaultMaxPayloadBytes, type RtpPacket } from './rtp-packet.ts'

const payloadOf = (packet: RtpPacket) => packet.payload

function annexB(units: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(units.flatMap((unit) => [0, 0, 0, 1, ...unit]))
}

/** A NAL unit as an encoder makes it: no start code inside, no zero at its end. */
const nalUnit = fc
  .tuple(
    fc.constantFrom(0x67, 0x68, 0x06, 0x65, 0x41, 0x01, 0x25),
    fc.uint8Array({ maxLength: 120 }).map((body) => body.map((byte, index) => (index % 2 ? byte : byte | 4))),
  )
  .map(([header, body]) => Uint8Array.of(header, ...body, 0x80))

test('nalUnits finds units behind start codes of three and four bytes when zeros stand before and after them', () => {
  const stream = Uint8Array.of(0, 0, 0, 0, 1, 0x67, 5, 0, 0, 1, 0x68, 0, 7, 0, 0, 0, 0, 1, 0x65, 0, 0, 3, 1, 0, 0)
  assert.deepEqual(
    nalUnits(stream).map((unit) => Array.from(unit)),
    [
      [0x67, 5],
      [0x68, 0, 7],
      [0x65, 0, 0, 3, 1],
    ],
  )
  assert.deepEqual(nalUnits(Uint8Array.of(1, 2, 3)), [])
  assert.deepEqual(nalUnits(Uint8Array.of(0, 0, 1)), [])
})

test('packetiseH264 puts SEI and parameter sets into one STAP-A and cuts the slice evenly when it is too long', () => {
  const slice = Uint8Array.of(0x65, ...Array.from({ length: 20 }, (_, index) => index + 100))
  const packets = packetiseH264(
    annexB([Uint8Array.of(9, 0xf0), Uint8Array.of(0x67, 1, 2), Uint8Array.of(0x68, 3), slice]),
    10,
  )
  assert.deepEqual(
    packets.map((packet) => Array.from(payloadOf(packet))),
    [
      [0x78, 0, 3, 0x67, 1, 2, 0, 2, 0x68, 3],
      [0x7c, 0x85, 100, 101, 102, 103, 104, 105],
      [0x7c, 0x05, 106, 107, 108, 109, 110, 111, 112],
      [0x7c, 0x45, 113, 114, 115, 116, 117, 118, 119],
    ],
  )
  assert.deepEqual(
    packets.map((packet) => packet.marker),
    [false, false, false, true],
  )
})

test('packetiseH264 makes a single NAL unit packet when the unit fits', () => {
  assert.deepEqual(
    packetiseH264(annexB([Uint8Array.of(0x41, 1, 2)])).map((packet) => Array.from(payloadOf(packet))),
    [[0x41, 1, 2]],
  )
})

test('packetiseH264 stays within 1,200 bytes of UDP payload when the picture is large', () => {
  const packets = packetiseH264(annexB([new Uint8Array(100_000).fill(0x65)]))
  const srtpTagBytes = 16
  for (const packet of packets) assert.ok(packet.bytes + srtpTagBytes <= 1200)
  assert.equal(packets.length, Math.ceil(99_999 / (defaultMaxPayloadBytes - 2)))
})

test('H264Depacketiser gives back the units that packetiseH264 took, whatever they are and however small the packets', () => {
  fc.assert(
    fc.property(fc.array(nalUnit, { maxLength: 8 }), fc.integer({ min: 3, max: 200 }), (units, maxPayloadBytes) => {
      const packets = packetiseH264(annexB(units), maxPayloadBytes)
      const depacketiser = new H264Depacketiser()
      for (const [index, packet] of packets.entries()) {
        assert.equal(packet.payloadBytes, payloadOf(packet).length)
        assert.ok(packet.payloadBytes <= maxPayloadBytes)
        assert.equal(packet.marker, index === packets.length - 1)
        depacketiser.push(payloadOf(packet))
      }
      assert.deepEqual(depacketiser.take(), annexB(units))
    }),
  )
})

test('H264Depacketiser throws when a fragment is missing, and goes on with the next picture', () => {
  const packets = packetiseH264(annexB([Uint8Array.of(0x65, ...new Uint8Array(50).fill(7))]), 12)
  const depacketiser = new H264Depacketiser()
  assert.throws(() => depacketiser.push(payloadOf(packets[1] as RtpPacket)), { code: 'malformed' })
  depacketiser.push(payloadOf(packets[0] as RtpPacket))
  assert.throws(() => depacketiser.take(), { code: 'malformed' })
  depacketiser.push(Uint8Array.of(0x41, 9))
  assert.deepEqual([...depacketiser.take()], [0, 0, 0, 1, 0x41, 9])
})

test('H264Depacketiser throws only WireError when the bytes are random', () => {
  const payload = fc
    .tuple(fc.constantFrom(24, 28, 1, 5, 0, 31), fc.uint8Array({ maxLength: 40 }))
    .map(([type, body]) => Uint8Array.of(type, ...body))
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 10 }), (payloads) => {
      const depacketiser = new H264Depacketiser()
      try {
        for (const bytes of payloads) depacketiser.push(bytes)
        depacketiser.take()
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
})

test('packetiseH264 takes any bytes for an access unit when they are random', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 1, 0x65, 0x67, 9), { maxLength: 60 }), (bytes) => {
      const depacketiser = new H264Depacketiser()
      for (const packet of packetiseH264(Uint8Array.from(bytes), 5)) {
        assert.ok(packet.payloadBytes > 0 && packet.payloadBytes <= 5)
        if ((payloadOf(packet)[0] as number) !== 0) continue
        assert.throws(() => depacketiser.push(payloadOf(packet)), WireError)
      }
    }),
  )
})
