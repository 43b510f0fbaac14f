import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { PulseError } from './pulse-error.ts'
import { decodeLeadingNumbers, encodeTagstruct, type TaggedValue } from './tagstruct.ts'

describe('encodeTagstruct', () => {
  it('writes numbers, strings and bytes after their letters', () => {
    const bytes = encodeTagstruct([8, 258, 'ab', Uint8Array.of(1, 2)])
    assert.equal(Buffer.from(bytes).toString('hex'), '4c000000084c000001027461620078000000020102')
  })
})

describe('encodeTagstruct of a stream', () => {
  it('writes what a stream is described with after its letters', () => {
    const hex = (value: TaggedValue) => Buffer.from(encodeTagstruct([value])).toString('hex')
    assert.equal(hex(true), '31')
    assert.equal(hex(false), '30')
    assert.equal(hex(undefined), '4e')
    assert.equal(hex({ kind: 'sample-spec', format: 'float32le', channels: 1, rate: 48_000 }), '6105010000bb80')
    assert.equal(hex({ kind: 'channel-map', positions: ['mono'] }), '6d0100')
    assert.equal(hex({ kind: 'volume', channels: [0x10000] }), '760100010000')
    assert.equal(hex({ kind: 'properties', values: { a: 'b' } }), '507461004c00000002780000000262004e')
  })
})

describe('decodeLeadingNumbers', () => {
  it('reads back numbers, up to what is none', () => {
    const number = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(fc.array(number), (numbers) => {
        assert.deepEqual(decodeLeadingNumbers(encodeTagstruct([...numbers, 'end', 7])), numbers)
      }),
    )
  })

  it('gives numbers or a PulseError for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          assert.ok(decodeLeadingNumbers(bytes).length <= bytes.length / 5)
        } catch (error) {
          assert.ok(error instanceof PulseError)
        }
      }),
    )
  })
})
