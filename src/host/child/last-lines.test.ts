import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { LastLines } from './last-lines.ts'

describe('LastLines', () => {
  it('keeps the last lines when more come than it can hold', () => {
    const last = new LastLines(2)
    last.push('one\ntwo\nthree\n')
    assert.deepEqual(last.lines, ['two', 'three'])
  })

  it('joins a line that comes in parts, and shows it before its end has come', () => {
    const last = new LastLines(5)
    last.push('one\r\nhalf ')
    last.push('a line')
    assert.deepEqual(last.lines, ['one', 'half a line'])
    last.push('\nnext\n')
    assert.deepEqual(last.lines, ['one', 'half a line', 'next'])
  })

  it('leaves out empty lines', () => {
    const last = new LastLines(5)
    last.push('\n\none\n  \n')
    assert.deepEqual(last.lines, ['one'])
  })

  it('stays within its bounds whatever comes', () => {
    const text = fc.oneof(fc.string(), fc.constant('\n'), fc.constant('x'.repeat(5000)))
    fc.assert(
      fc.property(fc.array(text), fc.integer({ min: 1, max: 5 }), (texts, capacity) => {
        const last = new LastLines(capacity)
        for (const part of texts) last.push(part)
        assert.ok(last.lines.length <= capacity)
        assert.ok(last.lines.every((line) => line.length <= 1000))
      }),
    )
  })
})
