import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { ClipboardAssembly, clipboardParts, maxPartUnits } from './clipboard-parts.ts'
import { maxClipboardBytes } from '../../domain/clipboard.ts'
import { decodeServerMessage, encodeSignal } from './codec.ts'

test('ClipboardAssembly gives back what clipboardParts cut, and every part fits into a message', () => {
  const character = fc.constantFrom('a', '"', '\u0001', 'ß', '€', '𝄞', '\ud834', '\n')
  const long = fc.tuple(character, character, fc.nat(60_000)).map(([a, b, count]) => (a + b).repeat(count))
  fc.assert(
    fc.property(fc.oneof(long, fc.string({ unit: 'binary' })), (text) => {
      const assembly = new ClipboardAssembly()
      const parts = clipboardParts(text)
      const results = parts.map((part) => {
        assert.ok(part.text.length <= maxPartUnits)
        const message = decodeServerMessage(encodeSignal({ type: 'clipboard', ...part }))
        assert.ok(message.type === 'clipboard')
        return assembly.add(message)
      })
      assert.equal(results.pop(), text)
      assert.ok(results.every((result) => result === undefined))
    }),
    { numRuns: 60 },
  )
})

test('ClipboardAssembly takes the longest text, refuses a longer one, and then takes the next', () => {
  const assembly = new ClipboardAssembly()
  const whole = 'x'.repeat(maxClipboardBytes)
  assert.equal(
    clipboardParts(whole)
      .map((part) => assembly.add(part))
      .at(-1),
    whole,
  )
  assert.throws(() => clipboardParts(`${whole}x`).map((part) => assembly.add(part)), { code: 'too-long' })
  assert.equal(assembly.add({ text: 'next', more: false }), 'next')
})
