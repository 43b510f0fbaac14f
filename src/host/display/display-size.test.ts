import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { DisplayError } from './contract/display-error.ts'
import { displaySize } from './display-size.ts'

describe('displaySize', () => {
  it('takes a pixel from odd sides', () => {
    assert.deepEqual(displaySize({ width: 1281, height: 721 }), { width: 1280, height: 720 })
    assert.deepEqual(displaySize({ width: 1366.9, height: 768.2 }), { width: 1366, height: 768 })
  })

  it('takes the smallest and the largest size', () => {
    assert.deepEqual(displaySize({ width: 320, height: 240 }), { width: 320, height: 240 })
    for (const size of [
      { width: 7680, height: 4320 },
      { width: 2160, height: 3840 },
      { width: 5120, height: 2880 },
    ]) {
      assert.deepEqual(displaySize(size), size)
    }
  })

  it('refuses what is outside, saying what is possible', () => {
    assert.throws(() => displaySize({ width: 319, height: 240 }), /319x240.*320x240 to 7680x4320/)
    assert.throws(() => displaySize({ width: 7682, height: 2160 }), DisplayError)
    assert.throws(() => displaySize({ width: 7680, height: 4322 }), DisplayError)
    assert.throws(() => displaySize({ width: Number.NaN, height: 600 }), DisplayError)
  })

  it('gives an even size within bounds or an error, whatever is asked', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (width, height) => {
        try {
          const size = displaySize({ width, height })
          assert.ok(size.width % 2 === 0 && size.width >= 320 && size.width <= 7680)
          assert.ok(size.height % 2 === 0 && size.height >= 240 && size.height <= 7680)
        } catch (error) {
          assert.ok(error instanceof DisplayError)
        }
      }),
    )
  })
})
