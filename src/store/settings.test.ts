import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { openStore } from './open-store.ts'

test('settings give back what was set last, whatever the text', () => {
  using store = openStore(':memory:')
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(text, text, (key, value) => {
      store.settings.set(key, 'before')
      store.settings.set(key, value)
      assert.equal(store.settings.get(key), value)
      store.settings.delete(key)
      assert.equal(store.settings.get(key), undefined)
    }),
  )
})
