import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../../test/support/fast-check.ts'
import { toneLevel, toneSamples, VoiceEncoder, voicePacketSamples } from '../../../testing/voice.ts'
import { OpusEncoder } from '../opus-encoder.ts'
import { toneFrame } from '../samples/tone.ts'
import { VoiceDecoder } from './voice-decoder.ts'

test('VoiceDecoder gives what was encoded, of mono and of stereo, in packets of any length', () => {
  using encoder = new VoiceEncoder()
  const decoder = new VoiceDecoder()
  const heard = Array.from({ length: 20 }, (_, at) => {
    const samples = decoder.decode(encoder.encode(toneSamples(440, at * voicePacketSamples, voicePacketSamples)))
    assert.equal(samples?.length, voicePacketSamples)
    return [...(samples ?? [])]
  }).flat()
  const level = toneLevel(heard.slice(-9600), 440)
  assert.ok(level > 0.27 && level < 0.33, `${level}`)
  const stereo = new OpusEncoder('stereo')
  stereo.encode(toneFrame(0.5), (data) => assert.equal(decoder.decode(data)?.length, 480))
  stereo.close()
  decoder.close()
})

test('VoiceDecoder gives samples from -1 to 1 or nothing for any bytes, and goes on', () => {
  const decoder = new VoiceDecoder()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const samples = decoder.decode(bytes)
      assert.ok(samples === undefined || samples.every((sample) => Math.abs(sample) <= 1))
    }),
  )
  using encoder = new VoiceEncoder()
  assert.equal(decoder.decode(encoder.encode(toneSamples(440, 0, voicePacketSamples)))?.length, voicePacketSamples)
  decoder.close()
})
