import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { printableName } from './printable-name.ts'

test('printableName keeps what people write, in any script', () => {
  for (const name of [
    'Desktop',
    'Build #7: <b>ok</b>',
    'Größe & Maß',
    '共有デスクトップ',
    'شاشة العمل',
    'علی\u200Cرضا',
    'क्\u200Dष',
    'Nguyễn Thị Ánh',
    'שָׁלוֹם',
    'ก็ดี้',
    '葛\u{E0100}城',
    '\u{1F3AE} Games',
    '👩‍👩‍👧‍👦',
    '❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇺🇳 👍🏽 1️⃣',
    '-',
  ]) {
    assert.equal(printableName(name, 'App'), name)
  }
})

test('printableName takes out what would act on a terminal or turn the line around', () => {
  assert.equal(printableName('a\u001B[31mred\u0007', 'App'), 'a [31mred')
  assert.equal(printableName('one\r\ntwo\u2028three', 'App'), 'one two three')
  assert.equal(printableName('report\u202Etxt.exe', 'App'), 'reporttxt.exe')
  assert.equal(printableName('\u2066a\u2069\u200Fb\u061C', 'App'), 'ab')
  assert.equal(printableName('\uD83Dhalf', 'App'), 'half')
})

test('printableName takes out what cannot be seen, and what takes all the room', () => {
  assert.equal(printableName('O\u200Bw\u200Cn\u2060e\u00ADr\uFEFF', 'App'), 'Owner')
  assert.equal(printableName('a\u{E0041}\u{E0042}b\uFE0Fc\u034F', 'App'), 'abc')
  assert.equal(printableName('Ada\u3164\uFFA0\u115F Lovelace\u2800\u00A0\u3000!', 'App'), 'Ada Lovelace !')
  assert.equal(printableName(`Z${'\u0335\u0317\u034D'.repeat(50)}algo`, 'App').normalize('NFD').length, 9)
  assert.equal(printableName('\u0301\u0302Ada \u0303Lovelace', 'App'), 'Ada Lovelace')
  assert.equal(printableName('a\uE000\uF8FF\u{10FFFD}\uFDD0b', 'App'), 'a b')
})

test('printableName falls back where nothing is left', () => {
  for (const asked of [
    '',
    ' ',
    '\u0000 \u202E',
    '\u200B\u200D\u2060',
    '\u3164',
    '\u2800',
    '\u0301\u0302',
    '\uFE0F',
    '\u{E0041}',
  ]) {
    assert.equal(printableName(asked, 'App'), 'App', JSON.stringify(asked))
  }
})

test('printableName takes names for the same that only differ in how they are composed', () => {
  assert.equal(printableName('Ame\u0301lie', 'App'), printableName('Am\u00E9lie', 'App'))
})

test('printableName makes one well-formed line of anything, and the same of that', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({
      unit: fc.constantFrom(
        'a',
        ' ',
        '\u200D',
        '\u0301',
        '\uFE0F',
        '👩',
        '🇺',
        '葛',
        '\u{E0100}',
        'ع',
        '\u202E',
        '\u0958',
      ),
      maxLength: 30,
    }),
  )
  fc.assert(
    fc.property(text, (asked) => {
      const name = printableName(asked, 'App')
      assert.ok(name.isWellFormed() && name.trim() === name && name !== '')
      assert.ok(name.length <= Math.max(asked.toWellFormed().normalize('NFC').length, 3))
      assert.doesNotMatch(name, /\p{Cc}|[\u2028-\u202E\u2060-\u2069\u200B\u200E\u200F]|\s\s|\p{M}{5}/u)
      assert.equal(printableName(name, 'App'), name)
    }),
    { numRuns: 300 },
  )
})
