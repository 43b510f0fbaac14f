import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { PulseError } from './pulse-error.ts'
import { encodePacket, encodeSoundPacket, PacketReader } from './packet-reader.ts'

describe('encodeSoundPacket', () => {
  it('tells the channel, and where the sound goes', () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
    const sound = Uint8Array.of(1, 2)
    assert.equal(hex(encodeSoundPacket(7, sound, { to: 'end' })), '00000002000000070000000000000000000000000102')
    const placed = encodeSoundPacket(7, sound, { to: 'play-head', aheadBytes: 258 })
    assert.equal(hex(placed), '00000002000000070000000000000102000000020102')
  })
})

describe('PacketReader', () => {
  it('reads back every packet, however the bytes are cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 })
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(payloads, cuts, (sent, lengths) => {
        const bytes = Buffer.concat(sent.map((payload) => encodePacket(payload)))
        const reader = new PacketReader()
        const received: Uint8Array[] = []
        for (let offset = 0, cut = 0; offset < bytes.length; cut++) {
          const length = lengths[cut % lengths.length] ?? 1
          received.push(...reader.push(bytes.subarray(offset, offset + length)))
          offset += length
        }
        assert.deepEqual(
          received.map((payload) => [...payload]),
          sent.map((payload) => [...payload]),
        )
      }),
    )
  })

  it('refuses a packet that is longer than any answer', () => {
    const header = Buffer.alloc(20)
    header.writeUInt32BE(64 * 1024 + 1)
    assert.throws(() => new PacketReader().push(header), PulseError)
  })
})
