import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KeyStroke } from './key-stroke.ts'
import { isPasteShortcut, macClipboardLetter } from './paste-shortcut.ts'

const stroke = (code: string, key: string, ...held: ('ctrl' | 'alt' | 'shift' | 'meta')[]): KeyStroke => ({
  code,
  key,
  repeat: false,
  isComposing: false,
  ctrlKey: held.includes('ctrl'),
  altKey: held.includes('alt'),
  shiftKey: held.includes('shift'),
  metaKey: held.includes('meta'),
  timeStamp: 0,
})

test('isPasteShortcut knows the keys by which programs paste, on every layout', () => {
  assert.ok(isPasteShortcut(stroke('KeyV', 'v', 'ctrl')))
  assert.ok(isPasteShortcut(stroke('KeyV', 'V', 'ctrl', 'shift')))
  assert.ok(isPasteShortcut(stroke('KeyV', 'v', 'meta')))
  assert.ok(isPasteShortcut(stroke('Insert', 'Insert', 'shift')))
  assert.ok(isPasteShortcut(stroke('Period', 'v', 'ctrl')), 'Dvorak')
  assert.ok(isPasteShortcut(stroke('KeyV', 'м', 'ctrl')), 'Russian')
})

test('isPasteShortcut leaves all others alone', () => {
  assert.ok(!isPasteShortcut(stroke('KeyV', 'v')))
  assert.ok(!isPasteShortcut(stroke('KeyV', 'v', 'ctrl', 'alt')))
  assert.ok(!isPasteShortcut(stroke('KeyV', 'k', 'ctrl')), 'where Dvorak has its K')
  assert.ok(!isPasteShortcut(stroke('Insert', 'Insert', 'ctrl')))
})

test('macClipboardLetter knows Command with C, X and V, and nothing else', () => {
  assert.equal(macClipboardLetter(stroke('KeyC', 'c', 'meta')), 'c')
  assert.equal(macClipboardLetter(stroke('KeyX', 'x', 'meta')), 'x')
  assert.equal(macClipboardLetter(stroke('KeyQ', 'q', 'meta')), undefined)
  assert.equal(macClipboardLetter(stroke('KeyC', 'c', 'ctrl')), undefined)
})
