import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { decodeUdpPacket, encodeUdpPacket } from './udp-packet.ts'

const packet = {
  source: '10.66.0.1',
  sourcePort: 27_960,
  destination: '10.66.0.2',
  destinationPort: 27_961,
  data: Uint8Array.of(1, 2, 3),
}

test('a packet is written with headers and checksums as RFC 791 and RFC 768 have them', () => {
  const hex = Buffer.from(encodeUdpPacket(packet)).toString('hex')
  assert.equal(hex, `4500001f00000000401166480a4200010a4200026d386d39000b${hex.slice(52, 56)}010203`)
  assert.equal(onesSum(encodeUdpPacket(packet).subarray(0, 20)), 0xffff)
})

test('what is written is read as it was, and checks out', () => {
  const address = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(255))).map((bytes) => bytes.join('.'))
  const port = fc.nat(65_535)
  fc.assert(
    fc.property(
      fc.record({
        source: address,
        sourcePort: port,
        destination: address,
        destinationPort: port,
        data: fc.uint8Array({ maxLength: 1400 }),
      }),
      (values) => {
        const each = { ...values }
        const bytes = encodeUdpPacket(each)
        assert.deepEqual(decodeUdpPacket(bytes), each)
        const pseudo = [...bytes.subarray(12, 20), 0, 17, 0, 0]
        pseudo[10] = (bytes.length - 20) >> 8
        pseudo[11] = (bytes.length - 20) & 255
        assert.equal(onesSum(Uint8Array.from([...pseudo, ...bytes.subarray(20)])), 0xffff)
      },
    ),
  )
})

test('fragments, other protocols and lengths that contradict each other are refused, and random bytes never do more', () => {
  const changed = (at: number, value: number) => encodeUdpPacket(packet).with(at, value)
  for (const bytes of [
    changed(0, 0x65),
    changed(9, 6),
    changed(6, 0x20),
    changed(7, 1),
    changed(3, 40),
    changed(25, 7),
    changed(0, 0x44),
  ]) {
    assert.throws(() => decodeUdpPacket(bytes), WireError)
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        decodeUdpPacket(bytes)
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
})

function onesSum(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff)
  return sum
}
