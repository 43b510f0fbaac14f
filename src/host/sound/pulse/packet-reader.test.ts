import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SoundError } from '../sound-error.ts'
import { encodePacket, PacketReader } from './packet-reader.ts'

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
    assert.throws(() => new PacketReader().push(header), SoundError)
  })
})
