import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessUnit } from '../../media/access-unit.ts'
import { PacketCache } from './packet-cache.ts'

const unit = (codec: AccessUnit['codec'], bytes: number): AccessUnit => ({
  codec,
  key: false,
  captureUs: 0,
  encodedUs: 0,
  width: 16,
  height: 16,
  data: Uint8Array.from([0, 0, 0, 1, 0x41, ...new Uint8Array(bytes).fill(7)]),
})

test('PacketCache makes the packets of a unit once for all viewers', () => {
  const cache = new PacketCache()
  const picture = unit('h264', 5000)
  assert.equal(cache.video(picture), cache.video(picture))
  assert.equal(cache.video(picture).length, 5)
  assert.notEqual(cache.video(picture), cache.video(unit('h264', 5000)))
  const sound = { captureUs: 0, positionSamples: 0, data: new Uint8Array(100) }
  assert.equal(cache.audio(sound), cache.audio(sound))
})

test('PacketCache packetises each codec its own way', () => {
  const cache = new PacketCache()
  // FU-A, and the VP8 descriptor with a picture id.
  assert.equal((cache.video(unit('h264', 5000))[0]?.payload[0] ?? 0) & 0x1f, 28)
  assert.equal(cache.video(unit('vp8', 5000))[0]?.payload[0], 0x90)
})
