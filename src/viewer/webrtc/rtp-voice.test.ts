import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { RtpWriter } from '../../wire/rtp/rtp-header.ts'
import { rtpPacketOf } from '../../wire/rtp/rtp-packet.ts'
import { readVoice } from './rtp-voice.ts'

const audio = { payloadType: 111, transportExtensionId: 4, isHeard: true, voiceSsrc: 7 }
const packet = (data: Uint8Array, header: { ssrc?: number; payloadType?: number } = {}) =>
  new RtpWriter().write(rtpPacketOf(data, false), {
    payloadType: 111,
    ssrc: 7,
    sequence: 1,
    timestamp: 960,
    marker: false,
    transportExtensionId: 4,
    transportSequence: 3,
    ...header,
  })

test('readVoice finds the Opus packet and its place, and nothing in what is not of the microphone', () => {
  assert.deepEqual(readVoice(packet(Uint8Array.of(1, 2)), audio), { timestamp: 960, data: Uint8Array.of(1, 2) })
  assert.equal(readVoice(packet(Uint8Array.of(1), { ssrc: 8 }), audio), undefined)
  assert.equal(readVoice(packet(Uint8Array.of(1), { payloadType: 63 }), audio), undefined)
  assert.equal(readVoice(packet(new Uint8Array(0)), audio), undefined)
  assert.equal(readVoice(packet(Uint8Array.of(1)), { ...audio, voiceSsrc: undefined }), undefined)
})

test('readVoice gives a packet or nothing for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const unit = readVoice(bytes, audio)
      assert.ok(unit === undefined || unit.data.length > 0)
    }),
  )
})
