import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainParity, type ParityCoder } from '../../wire/fec/parity-coder.ts'
import { MoonlightPackets } from './packets.ts'

const shape = { packetBytes: 1392, leastParity: 2 }

test('packets and parity of a picture are made once for all viewers that want the same', () => {
  let codings = 0
  const coder: ParityCoder = {
    encode(code) {
      codings++
      plainParity.encode(code)
    },
  }
  const packets = new MoonlightPackets(coder)
  const unit = pictureOf(20_000)
  const first = packets.picture(unit, shape, 20)
  for (let viewers = 0; viewers < 8; viewers++) assert.equal(packets.picture(unit, { ...shape }, 20), first)
  assert.equal(codings, 1)
  assert.notEqual(packets.picture(unit, shape, 10), first, 'other parity')
  assert.notEqual(packets.picture(unit, { ...shape, packetBytes: 1024 }, 20), first, 'another size')
  assert.equal(codings, 3)
})

test('the last packet of the data ends a picture, and parity goes behind it', () => {
  const { packets } = new MoonlightPackets(plainParity).picture(pictureOf(20_000), shape, 20)
  const marked = packets.flatMap(({ marker }, index) => (marker ? [index] : []))
  const data = Math.ceil((20_000 + 8) / (shape.packetBytes - 16))
  assert.deepEqual(marked, [data - 1])
  assert.equal(packets.length, data + Math.ceil(data / 5))
})

function pictureOf(bytes: number) {
  const data = new Uint8Array(bytes).fill(0x55)
  data.set([0, 0, 0, 1, 0x41])
  return { codec: 'h264', key: false, captureUs: 0, encodedUs: 0, width: 1280, height: 720, data } as const
}
