import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { textEdit } from './text-edit.ts'

/** What an app makes of it, with its cursor at the end. */
function type(before: string, messages: ReturnType<typeof textEdit>): string {
  const text = Array.from(before)
  for (const message of messages) {
    if (message.type === 'text') text.push(...Array.from(message.text))
    else if (message.type === 'key' && message.down && message.key === 'Backspace') text.pop()
    else if (message.type === 'key' && message.down && message.key === 'Enter') text.push('\n')
  }
  return text.join('')
}

test('textEdit types what was added and nothing else', () => {
  assert.deepEqual(textEdit('hel', 'hello'), [{ type: 'text', text: 'lo' }])
  assert.deepEqual(textEdit('same', 'same'), [])
})

test('textEdit takes back what a phone corrects', () => {
  const messages = textEdit('teh', 'the ')
  assert.equal(messages.filter((message) => message.type === 'key' && message.down).length, 2)
  assert.deepEqual(messages.at(-1), { type: 'text', text: 'he ' })
})

test('textEdit makes the app show the new text, whatever the two are', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é', '👍', '漢'), maxLength: 12 })
  fc.assert(fc.property(text, text, (before, after) => assert.equal(type(before, textEdit(before, after)), after)))
})
