import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { OutputFrames } from './output-frames.ts'

function frame(stream: number, text: string): Buffer {
  const bytes = Buffer.from(text)
  const head = Buffer.alloc(8)
  head[0] = stream
  head.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([head, bytes])
}

test('OutputFrames puts text together again, however it was cut', () => {
  const texts = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: 'grapheme' })), { maxLength: 20 })
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 40 }), (parts, cut) => {
      const bytes = Buffer.concat(parts.map(([stream, text]) => frame(stream, text)))
      const frames = new OutputFrames()
      let read = ''
      for (let at = 0; at < bytes.length; at += cut) read += frames.push(bytes.subarray(at, at + cut))
      assert.equal(read, parts.map(([, text]) => text.toWellFormed()).join(''))
    }),
  )
})

test('OutputFrames refuses what is no output, and never grows beyond a frame', () => {
  assert.throws(() => new OutputFrames().push(Buffer.from('{"message":"no"}')))
  assert.throws(() => new OutputFrames().push(Buffer.from([1, 0, 0, 0, 255, 255, 255, 255])))
  assert.equal(new OutputFrames().push(Buffer.from([1, 0, 0])), '')
})
