import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import type { RtpPacket } from './rtp-packet.ts'
import { packetiseVp8, Vp8Depacketiser, writeVp8PictureId } from './vp8-payload.ts'

const payloadOf = (packet: RtpPacket) => packet.payload

test('packetiseVp8 writes the descriptor of RFC 7741 with a 15-bit picture id', () => {
  const packets = packetiseVp8(Uint8Array.of(1, 2, 3, 4, 5), 0x1234, 7)
  assert.deepEqual(
    packets.map((packet) => Array.from(payloadOf(packet))),
    [
      [0x90, 0x80, 0x92, 0x34, 1, 2],
      [0x80, 0x80, 0x92, 0x34, 3, 4, 5],
    ],
  )
  assert.deepEqual(
    packets.map((packet) => packet.marker),
    [false, true],
  )
})

test('Vp8Depacketiser gives back the frame and the picture id, also one that was rewritten', () => {
  const pictureId = fc.integer({ min: 0, max: 0x7fff })
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 500 }),
      pictureId,
      pictureId,
      fc.integer({ min: 5, max: 100 }),
      (frame, first, second, maxPayloadBytes) => {
        const packets = packetiseVp8(frame, first, maxPayloadBytes)
        for (const id of [first, second]) {
          const depacketiser = new Vp8Depacketiser()
          for (const packet of packets) {
            assert.ok(packet.payloadBytes <= maxPayloadBytes)
            writeVp8PictureId(packet.payload, 0, id)
            depacketiser.push(payloadOf(packet))
          }
          assert.deepEqual(depacketiser.take(), { frame, pictureId: id })
        }
      },
    ),
  )
})

test('Vp8Depacketiser reads short picture ids and temporal layers when another sender writes them', () => {
  const depacketiser = new Vp8Depacketiser()
  depacketiser.push(Uint8Array.of(0x90, 0xf0, 0x11, 0x22, 0x33, 7, 8))
  assert.deepEqual(depacketiser.take(), { frame: Uint8Array.of(7, 8), pictureId: 0x11 })
  depacketiser.push(Uint8Array.of(0x10, 9))
  assert.deepEqual(depacketiser.take(), { frame: Uint8Array.of(9), pictureId: undefined })
})

test('Vp8Depacketiser throws when the first packet is missing or another frame begins', () => {
  const depacketiser = new Vp8Depacketiser()
  assert.throws(() => depacketiser.push(Uint8Array.of(0x80, 0x80, 0x80, 1, 5)), { code: 'malformed' })
  depacketiser.push(Uint8Array.of(0x90, 0x80, 0x80, 1, 5))
  assert.throws(() => depacketiser.push(Uint8Array.of(0x90, 0x80, 0x80, 2, 5)), { code: 'malformed' })
})

test('Vp8Depacketiser throws only WireError when the bytes are random', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 6 }), (payloads) => {
      const depacketiser = new Vp8Depacketiser()
      try {
        for (const payload of payloads) depacketiser.push(payload)
        depacketiser.take()
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
})
