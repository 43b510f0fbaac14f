import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { soundLayouts } from '../../domain/sound-layout.ts'
import { frameHeaderBytes } from '../../os/child/frame.ts'
import {
  decodeAudio,
  decodeStill,
  decodeVideo,
  decodeVoice,
  encodeAudio,
  encodeStill,
  encodeVideo,
  encodeVoice,
  mostLinks,
} from './protocol.ts'

const index = fc.nat(0xffffffff)
const side = fc.nat(0xffff)
const timeUs = fc.double({ min: 0, max: 2 ** 52, noNaN: true })
const data = fc.uint8Array({ maxLength: 200 })

const flow = fc.record({
  media: index,
  number: index,
  bytes: index,
  isHere: fc.boolean(),
  links: fc.array(index, { maxLength: mostLinks }),
})

const videoFrame = fc.record({
  source: index,
  rendition: index,
  encodingUs: index,
  unit: fc.record({
    codec: fc.constantFrom('h264' as const, 'vp8' as const),
    key: fc.boolean(),
    captureUs: timeUs,
    encodedUs: timeUs,
    width: side,
    height: side,
    data,
  }),
})

const audioFrame = fc.record({
  source: index,
  onlyFor: fc.option(fc.integer({ min: 1, max: 0xffffffff }), { nil: undefined }),
  layout: fc.constantFrom(...soundLayouts),
  unit: fc.record({ captureUs: timeUs, positionSamples: timeUs, data }),
})

const stillFrame = fc.record({
  source: index,
  still: fc.record({ width: side, height: side, captureUs: timeUs, jpeg: data }),
})

const voiceFrame = fc.record({
  source: index,
  speaker: index,
  unit: fc.record({ timestamp: index, data }),
})

const plain = <T extends { unit: { data: Uint8Array } }>(frame: T) => ({
  ...frame,
  unit: { ...frame.unit, data: [...frame.unit.data] },
})

test('decodeVideo gives what encodeVideo took', () => {
  fc.assert(
    fc.property(videoFrame, (frame) => {
      assert.deepEqual(plain(decodeVideo(encodeVideo(frame).subarray(frameHeaderBytes))), plain(frame))
    }),
  )
})

test('decodeVideo gives what encodeVideo took of one that went to inlets as well', () => {
  fc.assert(
    fc.property(videoFrame, flow, ({ unit, ...frame }, of) => {
      const { source, rendition } = frame
      const told = { ...frame, unit: { ...unit, flow: { ...of, source, rendition } } }
      assert.deepEqual(plain(decodeVideo(encodeVideo(told).subarray(frameHeaderBytes))), plain(told))
    }),
  )
})

test('decodeVideo refuses more inlets than there can be, or than there are bytes for', () => {
  const unit = {
    codec: 'h264',
    key: true,
    captureUs: 1,
    encodedUs: 2,
    width: 1,
    height: 1,
    data: new Uint8Array(),
  } as const
  const links = Array.from({ length: mostLinks + 1 }, (_, link) => link)
  const of = { media: 1, source: 1, rendition: 1, number: 0, bytes: 9, isHere: false, links }
  const body = encodeVideo({ source: 1, rendition: 1, encodingUs: 0, unit: { ...unit, flow: of } }).subarray(
    frameHeaderBytes,
  )
  assert.throws(() => decodeVideo(body), { code: 'protocol-violation', message: /65 inlets/ })
  const short = encodeVideo({
    source: 1,
    rendition: 1,
    encodingUs: 0,
    unit: { ...unit, flow: { ...of, links: [1, 2] } },
  })
  for (let end = frameHeaderBytes + 36; end < short.length; end++) {
    assert.throws(() => decodeVideo(short.subarray(frameHeaderBytes, end)), { code: 'protocol-violation' })
  }
})

test('decodeAudio gives what encodeAudio took', () => {
  fc.assert(
    fc.property(audioFrame, (frame) => {
      assert.deepEqual(plain(decodeAudio(encodeAudio(frame).subarray(frameHeaderBytes))), plain(frame))
    }),
  )
})

test('decodeVoice gives what encodeVoice took, and keeps it', () => {
  fc.assert(
    fc.property(voiceFrame, (frame) => {
      const bytes = encodeVoice(frame)
      const read = decodeVoice(bytes.subarray(frameHeaderBytes))
      bytes.fill(0)
      assert.deepEqual(plain(read), plain(frame))
    }),
  )
})

test('decodeStill gives what encodeStill took', () => {
  fc.assert(
    fc.property(stillFrame, (frame) => {
      const { source, still } = decodeStill(encodeStill(frame).subarray(frameHeaderBytes))
      const bytes = ({ jpeg }: { jpeg: Uint8Array }) => [...jpeg]
      assert.deepEqual(
        { source, ...still, jpeg: bytes(still) },
        { source: frame.source, ...frame.still, jpeg: bytes(frame.still) },
      )
    }),
  )
})

test('encodeVideo writes the layout that is drawn', () => {
  const unit = {
    codec: 'vp8',
    key: true,
    captureUs: 1,
    encodedUs: 2,
    width: 0x0102,
    height: 0x0304,
    data: Uint8Array.of(9),
  } as const
  const bytes = encodeVideo({ source: 7, rendition: 8, encodingUs: 0x0a0b, unit })
  const hex = '26000000 02 07000000 08000000 01 02 0201 0403 0000 000000000000f03f 0000000000000040 0b0a0000 09'
  assert.equal(bytes.toString('hex'), hex.replaceAll(' ', ''))
})

test('encodeAudio and encodeVoice write the layouts that are drawn', () => {
  const unit = { captureUs: 1, positionSamples: 2, data: Uint8Array.of(9) }
  const audio = encodeAudio({ source: 7, onlyFor: 0x0102, layout: '7.1', unit })
  const audioHex = '1b000000 03 07000000 02010000 02 000000000000f03f 0000000000000040 09'
  assert.equal(audio.toString('hex'), audioHex.replaceAll(' ', ''))
  const voice = encodeVoice({ source: 7, speaker: 8, unit: { timestamp: 0xfffffffe, data: Uint8Array.of(9) } })
  assert.equal(voice.toString('hex'), '0e000000 05 07000000 08000000 feffffff 09'.replaceAll(' ', ''))
})

const decoders = [decodeVideo, decodeAudio, decodeStill, decodeVoice]

test('random bytes are refused with a protocol violation or understood, and never anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...decoders), (bytes, decode) => {
      try {
        decode(Buffer.from(bytes))
      } catch (error) {
        assert.equal((error as { code?: unknown }).code, 'protocol-violation')
      }
    }),
  )
})
