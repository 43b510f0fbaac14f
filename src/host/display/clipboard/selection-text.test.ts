import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { predefined, type ClipboardAtoms } from './clipboard-atoms.ts'
import { targetsOf, textAs, textOf, textTarget, words, wordsOf } from './selection-text.ts'

const atoms: ClipboardAtoms = {
  clipboard: 100,
  targets: 101,
  multiple: 102,
  atomPair: 103,
  timestamp: 104,
  incr: 105,
  utf8: 106,
  plainUtf8: 107,
  text: 108,
  stamp: 109,
  inboxes: [110],
}

test('textAs and textOf carry every text through every target that is offered for it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const carried = text.replace(/\0$/, '')
      for (const target of targetsOf(text, atoms).filter((offered) => offered > 104 || offered === predefined.string)) {
        const content = textAs(target, text, atoms)
        assert.ok(content)
        assert.equal(textOf(content.type, content.bytes), carried)
      }
    }),
  )
})

test('targetsOf offers Latin-1 only for what Latin-1 can hold', () => {
  assert.ok(targetsOf('Grüße', atoms).includes(predefined.string))
  assert.ok(!targetsOf('5 €', atoms).includes(predefined.string))
  assert.equal(textAs(predefined.string, '5 €', atoms), undefined)
})

test('textTarget takes Unicode before Latin-1, and nothing when there is no text', () => {
  assert.equal(textTarget([999, predefined.string, atoms.utf8], atoms), atoms.utf8)
  assert.equal(textTarget([predefined.string], atoms), predefined.string)
  assert.equal(textTarget([999, atoms.targets], atoms), undefined)
})

test('wordsOf gives back what words wrote, and leaves out a rest', () => {
  fc.assert(fc.property(fc.array(fc.nat(0xffffffff)), (values) => assert.deepEqual(wordsOf(words(values)), values)))
  assert.deepEqual(wordsOf(Uint8Array.of(1, 0, 0, 0, 9, 9)), [1])
})
