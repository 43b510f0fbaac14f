import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printableTitle } from './printable-title.ts'

test('printableTitle keeps what people write, in any script', () => {
  for (const title of [
    'Desktop',
    'Build #7: <b>ok</b>',
    'Größe & Maß',
    '共有デスクトップ',
    'شاشة العمل',
    '\u{1F3AE} Games',
  ]) {
    assert.equal(printableTitle(title, 'App'), title)
  }
})

test('printableTitle takes out what would act on a terminal or turn the line around', () => {
  assert.equal(printableTitle('a\u001B[31mred\u0007', 'App'), 'a [31mred')
  assert.equal(printableTitle('one\r\ntwo\u2028three', 'App'), 'one two three')
  assert.equal(printableTitle('report\u202Etxt.exe', 'App'), 'report txt.exe')
  assert.equal(printableTitle('\uD83Dhalf', 'App'), 'half')
})

test('printableTitle falls back where nothing is left', () => {
  assert.equal(printableTitle('\u0000 \u202E', 'App'), 'App')
})

test('printableTitle makes one well-formed line of anything', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (asked) => {
      const title = printableTitle(asked, 'App')
      assert.ok(title.isWellFormed() && title.length <= Math.max(asked.length, 3))
      assert.doesNotMatch(title, /\p{Cc}|[\u2028-\u202E\u2066-\u2069]/u)
    }),
  )
})
