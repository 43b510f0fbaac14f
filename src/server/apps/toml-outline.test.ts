import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { parse, stringify } from 'smol-toml'
import { OutlineError, outlineOf } from './toml-outline.ts'

test('outlineOf finds the line of each key, or of the nearest table around it', () => {
  const text = `# first
a = 1 # b = 2
"quoted \\u0041" = '''
[no.table]
'''
'single.dot' = [ # (
  "]",
  { x = 1 },
]
[one . "two"]
three.four = """\\
  \\""" # = "
  five = 5""""
[[list]]
key = '"'\r
[[list]]
other = 1
[one.six.seven]
`
  assert.doesNotThrow(() => parse(text))
  const outline = outlineOf(text)
  const cases: [path: string[], line: number][] = [
    [[], 1],
    [['a'], 2],
    [['b'], 1],
    [['quoted A'], 3],
    [['no'], 1],
    [['single.dot'], 6],
    [['single.dot', '1', 'x'], 6],
    [['one'], 10],
    [['one', 'two'], 10],
    [['one', 'two', 'three', 'four'], 11],
    [['one', 'two', 'five'], 10],
    [['list'], 14],
    [['list', 'other'], 17],
    [['one', 'six'], 18],
    [['__proto__'], 1],
  ]
  for (const [path, line] of cases) assert.equal(outline.lineOf(path), line, path.join('/'))
})

test('outlineOf knows every key of a text, whatever it is made of', () => {
  const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a', 'b.c', '"', "'", '\n', '#', '[', '='))
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.array(fc.string(), { maxLength: 3 }))
  const table = fc.dictionary(key, value, { maxKeys: 4 })
  fc.assert(
    fc.property(fc.dictionary(key, table, { maxKeys: 4 }), (tables) => {
      const text = stringify(tables)
      const outline = outlineOf(text)
      const lines = text.split('\n')
      for (const [name, keys] of Object.entries(tables)) {
        assert.match(lines[outline.lineOf([name]) - 1] ?? '', /^\[/)
        const all = Object.keys(keys).map((each) => outline.lineOf([name, each]))
        assert.deepEqual(new Set(all).size, all.length)
        for (const line of all) assert.match(lines[line - 1] ?? '', /=/)
      }
    }),
  )
})

test('outlineOf never throws anything else, and never goes on for ever, whatever the text', () => {
  const piece = fc.constantFrom(
    'a',
    '.',
    '=',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '"""',
    "'''",
    '\\',
    '\n',
    '\r',
    '#',
    ' ',
    ',',
    '1',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      try {
        const line = outlineOf(pieces.join('')).lineOf(['a', 'a'])
        assert.ok(line >= 1 && line <= pieces.filter((each) => each === '\n').length + 1)
      } catch (error) {
        assert.ok(error instanceof OutlineError)
      }
    }),
  )
})

test('outlineOf refuses what a parser would take long for, and says on which line', () => {
  const deep = /^it has more than 16 tables or lists in each other$/
  const many = /^it has more than 50000 keys and tables$/
  const cases: [text: string, line: number, message: RegExp][] = [
    [`ok = 1\n${'a.'.repeat(500_000)}b = 1`, 2, deep],
    [`\n[${'"a" . '.repeat(17)}b]`, 2, deep],
    [`a = ${'['.repeat(100_000)}`, 1, deep],
    [`a = [\n${'{b=['.repeat(20)}`, 2, deep],
    [`a = { ${'b.'.repeat(500_000)}c = 1 }`, 1, deep],
    ['[[a]]\n'.repeat(60_000), 50_001, many],
    [Array.from({ length: 60_000 }, (_, index) => `k${index} = 1`).join('\n'), 50_001, many],
    [`a = {${Array.from({ length: 60_000 }, (_, index) => `k${index} = 1`).join(',')}}`, 1, many],
    [`a = [${'{},'.repeat(60_000)}]`, 1, many],
  ]
  for (const [text, line, message] of cases) {
    assert.throws(
      () => outlineOf(text),
      (error) => error instanceof OutlineError && error.line === line && message.test(error.message),
      text.slice(0, 40),
    )
  }
  assert.equal(outlineOf(`x = [${'1.5,'.repeat(200_000)}]\ny = 1`).lineOf(['y']), 2)
})
