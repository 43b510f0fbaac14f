import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessUnit } from '../../media/contract/access-unit.ts'
import { RtpPackets } from './packets.ts'

const unit = (codec: AccessUnit['codec'], bytes: number): AccessUnit => ({
  codec,
  key: false,
  captureUs: 0,
  encodedUs: 0,
  width: 16,
  height: 16,
  data: Uint8Array.from([0, 0, 0, 1, 0x41, ...new Uint8Array(bytes).fill(7)]),
})

test('RtpPackets makes the packets of a unit once for all viewers', () => {
  const cache = new RtpPackets()
  const picture = unit('h264', 5000)
  assert.equal(cache.picture(picture), cache.picture(picture))
  assert.equal(cache.picture(picture).packets.length, 5)
  assert.notEqual(cache.picture(picture), cache.picture(unit('h264', 5000)))
  const sound = { captureUs: 0, positionSamples: 0, data: new Uint8Array(100) }
  assert.equal(cache.sound(sound), cache.sound(sound))
})

test('RtpPackets packetises each codec its own way', () => {
  const cache = new RtpPackets()
  // FU-A, and the VP8 descriptor with a picture id.
  assert.equal((cache.picture(unit('h264', 5000)).packets[0]?.payload[0] ?? 0) & 0x1f, 28)
  assert.equal(cache.picture(unit('vp8', 5000)).packets[0]?.payload[0], 0x90)
})
