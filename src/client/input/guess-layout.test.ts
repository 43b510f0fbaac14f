import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guessLayout } from './guess-layout.ts'
import { layoutTable, tableCodes } from './layout-table.ts'

const codesOf = { top: tableCodes.slice(13, 25), home: tableCodes.slice(25, 37), bottom: tableCodes.slice(38) }

/** Three rows of letters, as they are on the keyboard. */
function keyboard(top: string, home: string, bottom: string): Map<string, string> {
  const row = (codes: readonly string[], text: string) =>
    Array.from(text, (character, index): [string, string] => [codes[index] ?? '', character])
  return new Map([...row(codesOf.top, top), ...row(codesOf.home, home), ...row(codesOf.bottom, bottom)])
}

test('guessLayout names the layout of a whole keyboard', () => {
  const keyboards = {
    us: keyboard('qwertyuiop[]', "asdfghjkl;'\\", 'zxcvbnm,./'),
    gb: keyboard('qwertyuiop[]', "asdfghjkl;'#", 'zxcvbnm,./'),
    de: keyboard('qwertzuiopü+', 'asdfghjklöä#', 'yxcvbnm,.-'),
    fr: keyboard('azertyuiop', 'qsdfghjklmù*', 'wxcvbn,;:!'),
    ru: keyboard('йцукенгшщзхъ', 'фывапролджэ\\', 'ячсмитьбю.'),
    gr: keyboard(';ςερτυθιοπ[]', "ασδφγηξκλ΄'", 'ζχψωβνμ,./'),
    il: keyboard("/'קראטוןםפ][", 'שדגכעיחלךף,\\', 'זסבהנמצתץ.'),
    'us(dvorak)': keyboard("',.pyfgcrl/=", 'aoeuidhtns-\\', ';qjkxbmwvz'),
  }
  for (const [name, keys] of Object.entries(keyboards)) assert.equal(guessLayout(keys, []), name)
})

test('guessLayout goes by the languages among layouts that agree', () => {
  const german = keyboard('qwertzuiopü+', 'asdfghjklöä#', 'yxcvbnm,.-')
  assert.equal(guessLayout(german, ['en-US', 'de-AT']), 'at')
  const english = keyboard('qwertyuiop', 'asdfghjkl', 'zxcvbnm')
  assert.equal(guessLayout(english, ['en-GB']), 'gb')
  assert.equal(guessLayout(english, ['en-US']), 'us')
  assert.equal(guessLayout(english, []), 'us')
  assert.equal(guessLayout(keyboard('', 'asdfghjklöä', ''), ['sv-SE']), 'se')
})

test('guessLayout is content with what was typed, and says nothing when that says too little', () => {
  assert.equal(guessLayout(keyboard('qwertz', '', 'yxc'), ['de-DE']), 'de')
  assert.equal(guessLayout(keyboard('йцукен', 'фыва', ''), []), 'ru')
  assert.equal(guessLayout(keyboard('qwe', 'asd', ''), ['de-DE']), undefined)
  assert.equal(guessLayout(keyboard('☃☃☃☃☃☃☃☃☃☃', '', ''), []), undefined)
})

test('every row of the table has a character for every key, and every layout stands there once', () => {
  for (const [names, characters] of layoutTable) assert.equal(Array.from(characters).length, tableCodes.length, names)
  const names = layoutTable.flatMap(([row]) => row.split(' '))
  assert.equal(new Set(names).size, names.length)
})
