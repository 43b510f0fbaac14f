import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { lineOfWords, wordsOf } from './command-words.ts'

test('wordsOf takes a line apart as a shell does', () => {
  const words = (line: string) => wordsOf(line).words
  assert.deepEqual(words('  xterm -e   top '), ['xterm', '-e', 'top'])
  assert.deepEqual(words(`sh -c "echo \\"a\\" $X" 'b "c"' d\\ e ''`), ['sh', '-c', 'echo "a" $X', 'b "c"', 'd e', ''])
  assert.deepEqual(words(`a'b'"c"\\'`), [`abc'`])
  assert.deepEqual(words(String.raw`"a\b" c\\d`), [String.raw`a\b`, String.raw`c\d`])
  assert.deepEqual(words(''), [])
})

test('wordsOf tells of a quote that is not closed, and never throws', () => {
  assert.equal(wordsOf('sh -c "echo').openQuote, true)
  assert.equal(wordsOf("it's 'fine").openQuote, false)
  fc.assert(fc.property(fc.string(), (line) => wordsOf(line).words.length <= line.length + 1))
})

test('lineOfWords gives a line that is taken apart into the same words', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
      assert.deepEqual(wordsOf(lineOfWords(words)), { words, openQuote: false })
    }),
  )
})
