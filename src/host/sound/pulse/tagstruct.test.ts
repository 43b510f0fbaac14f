import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SoundError } from '../sound-error.ts'
import { decodeLeadingNumbers, encodeTagstruct } from './tagstruct.ts'

describe('encodeTagstruct', () => {
  it('writes numbers, strings and bytes after their letters', () => {
    const bytes = encodeTagstruct([8, 258, 'ab', Uint8Array.of(1, 2)])
    assert.equal(Buffer.from(bytes).toString('hex'), '4c000000084c000001027461620078000000020102')
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

  it('gives numbers or a SoundError for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          assert.ok(decodeLeadingNumbers(bytes).length <= bytes.length / 5)
        } catch (error) {
          assert.ok(error instanceof SoundError)
        }
      }),
    )
  })
})
