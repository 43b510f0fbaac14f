import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { buttonChanges } from './pointer-buttons.ts'

test('buttonChanges names what was pressed and released, releases first', () => {
  assert.deepEqual(buttonChanges(0, 1), [{ button: 'left', down: true }])
  assert.deepEqual(buttonChanges(1, 2), [
    { button: 'left', down: false },
    { button: 'right', down: true },
  ])
  assert.deepEqual(
    buttonChanges(28, 0).map(({ button }) => button),
    ['middle', 'back', 'forward'],
  )
})

test('buttonChanges leaves nothing held when everything is let go at last', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 31 })), (states) => {
      const held = new Set<string>()
      let before = 0
      for (const state of [...states, 0]) {
        for (const { button, down } of buttonChanges(before, state)) {
          assert.equal(held.has(button), !down)
          if (down) held.add(button)
          else held.delete(button)
        }
        before = state
      }
      assert.equal(held.size, 0)
    }),
  )
})
