import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { frameHeaderBytes } from '../../os/child/frame.ts'
import {
  decodeAudio,
  decodeInput,
  decodePointers,
  decodeText,
  decodeVideo,
  decodeVoice,
  encodeAudio,
  encodeInput,
  encodePointers,
  encodeText,
  encodeVideo,
  encodeVoice,
} from './protocol.ts'

const index = fc.nat(0xffff_ffff)
const viewers = fc.array(index, { maxLength: 20 })
const timeUs = fc.double({ min: 0, max: 2 ** 52, noNaN: true })
const data = fc.uint8Array({ maxLength: 200 })
const side = fc.nat(0xffff)
const plain = { noNullPrototype: true }
const audioUnit = fc.record({ captureUs: timeUs, positionSamples: timeUs, data }, plain)
const videoUnit = fc.record(
  {
    codec: fc.constantFrom('h264' as const, 'vp8' as const),
    key: fc.boolean(),
    captureUs: timeUs,
    encodedUs: timeUs,
    width: side,
    height: side,
    data,
  },
  plain,
)

/** Buffers and byte arrays alike, as numbers. */
function bare(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, bare(one)]))
}

function assertKept<Value>(values: fc.Arbitrary<Value>, through: (value: Value) => unknown): void {
  fc.assert(fc.property(values, (value) => assert.deepEqual(bare(through(value)), bare(value))))
}

test('each frame gives back what was written into it', () => {
  const bodyOf = (frame: Buffer) => frame.subarray(frameHeaderBytes)
  assertKept(fc.record({ viewers, what: videoUnit }, plain), (value) => decodeVideo(bodyOf(encodeVideo(value))))
  assertKept(fc.record({ viewers, what: audioUnit }, plain), (value) => decodeAudio(bodyOf(encodeAudio(value))))
  assertKept(fc.record({ viewers, what: data }, plain), (value) => decodePointers(bodyOf(encodePointers(value))))
  const voice = fc.record({ viewer: index, unit: fc.record({ timestamp: index, data }, plain) }, plain)
  assertKept(voice, (value) => decodeVoice(bodyOf(encodeVoice(value))))
  const input = fc.record({ viewer: index, channel: fc.nat(255), isText: fc.boolean(), message: data }, plain)
  assertKept(input, (value) => decodeInput(bodyOf(encodeInput(value))))
  const text = fc.record({ viewer: index, text: fc.string({ unit: 'grapheme' }) }, plain)
  assertKept(text, (value) => decodeText(bodyOf(encodeText(value))))
})

test('frames have the layouts that are drawn', () => {
  const unit = { captureUs: 1, data: Uint8Array.of(9) }
  const video = { ...unit, codec: 'vp8', key: true, encodedUs: 2, width: 0x0102, height: 0x0304 } as const
  const hex = {
    video: '22000000 02 01 02 0201 0403 0200 000000000000f03f 0000000000000040 07000000 08000000 09',
    audio: '18000000 03 0100 000000000000f03f 0000000000000040 07000000 09',
    pointers: '08000000 04 0100 07000000 09',
    voice: '0a000000 05 07000000 feffffff 09',
    input: '08000000 06 07000000 01 01 09',
    text: '07000000 07 07000000 c3a4',
  }
  const written = {
    video: encodeVideo({ viewers: [7, 8], what: video }),
    audio: encodeAudio({ viewers: [7], what: { ...unit, positionSamples: 2 } }),
    pointers: encodePointers({ viewers: [7], what: unit.data }),
    voice: encodeVoice({ viewer: 7, unit: { timestamp: 0xffff_fffe, data: unit.data } }),
    input: encodeInput({ viewer: 7, channel: 1, isText: true, message: unit.data }),
    text: encodeText({ viewer: 7, text: 'ä' }),
  }
  for (const [name, frame] of Object.entries(written)) {
    assert.equal(frame.toString('hex'), hex[name as keyof typeof hex].replaceAll(' ', ''), name)
  }
})

test('random bytes are refused with a protocol violation or understood, and never anything else', () => {
  const decoders = [decodeVideo, decodeAudio, decodePointers, decodeVoice, decodeInput, decodeText]
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(...decoders), (bytes, decode) => {
      try {
        decode(Buffer.from(bytes))
      } catch (error) {
        assert.equal((error as { code?: unknown }).code, 'protocol-violation')
      }
    }),
  )
})
