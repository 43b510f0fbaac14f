import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { controlType, decodeControl, encodeControl, frameHeaderBytes, frameOf, maxFrameBytes } from './frame.ts'
import { FrameSplitter } from './frame-splitter.ts'

/** The frames that come out of a splitter, whatever the pieces in which the bytes came. */
function split(bytes: Buffer, cuts: readonly number[]): { type: number; body: Buffer }[] {
  const frames: { type: number; body: Buffer }[] = []
  const splitter = new FrameSplitter((type, body) => frames.push({ type, body }))
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  let from = 0
  for (const end of ends) {
    splitter.push(bytes.subarray(from, end))
    from = end
  }
  return frames
}

const binaryFrame = fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 2000 })).map(([type, body]) => {
  const frame = frameOf(type, body.length)
  frame.set(body, frameHeaderBytes)
  return frame
})

test('FrameSplitter finds every frame in whatever pieces the bytes come', () => {
  const frames = fc.array(fc.oneof(binaryFrame, fc.string().map(encodeControl)))
  fc.assert(
    fc.property(frames, fc.array(fc.nat(5000)), (sent, cuts) => {
      const received = split(Buffer.concat(sent), cuts)
      assert.deepEqual(
        received.map(({ type, body }) => [type, body.toString('hex')]),
        sent.map((frame) => [frame[4], frame.subarray(frameHeaderBytes).toString('hex')]),
      )
    }),
  )
})

test('random bytes are refused with a protocol violation or understood, and never anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300)), (bytes, cuts) => {
      try {
        for (const { type, body } of split(Buffer.from(bytes), cuts)) if (type === controlType) decodeControl(body)
      } catch (error) {
        assert.equal((error as { code?: unknown }).code, 'protocol-violation')
      }
    }),
  )
})

test('FrameSplitter refuses a frame that is too long before taking memory for it', () => {
  const header = Buffer.alloc(frameHeaderBytes)
  header.writeUInt32LE(maxFrameBytes + 2, 0)
  assert.throws(() => split(header, []), { code: 'protocol-violation' })
})
