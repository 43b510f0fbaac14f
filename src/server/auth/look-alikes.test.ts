import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { distinctName, looksReserved, shapeOf } from './look-alikes.ts'

test('looksReserved finds the owner in any script, case and spacing', () => {
  for (const name of [
    'Owner',
    'owner',
    'OWNER',
    ' O w n e r ',
    'Owner!',
    '★ Owner ★',
    'Owner 2',
    'The Owner',
    'Оwnеr', // Cyrillic О and е
    'ΟWNER', // Greek Ο
    'Ｏｗｎｅｒ',
    '𝕆𝕨𝕟𝕖𝕣',
    'ⓄⓌⓃⒺⓇ',
    '0wner',
    'Ównér',
    'O̶w̶n̶e̶r̶',
    'ᴏᴡɴᴇʀ',
    'Оωпег',
    'Ovvner',
    'Аdmin',
    'Рогсhlight',
  ]) {
    assert.ok(looksReserved(name), name)
  }
})

test('looksReserved lets people be called what they are called', () => {
  for (const name of [
    'Ada',
    'Owen',
    'Rowner',
    'Ownership',
    'Landowner',
    'Илья',
    'Αλέξανδρος',
    '李',
    'Host family',
    'محمد',
    '42',
    '-',
    '🎮',
    'Шон',
  ]) {
    assert.ok(!looksReserved(name), name)
  }
})

test('shapeOf is the same for names that look the same, and another one for others', () => {
  for (const [one, other] of [
    ['Eve', 'Еvе'],
    ['Eve', 'EVE'],
    ['Eve', 'E v e'],
    ['paypal', 'раураl'],
    ['علی\u200Cرضا', 'علیرضا'],
    ['Ill', '1ll'],
  ] as const) {
    assert.equal(shapeOf(one), shapeOf(other), `${one} and ${other}`)
  }
  for (const [one, other] of [
    ['Eve', 'Eva'],
    ['Björn', 'Bjorn'],
    ['李', '季'],
    ['Илья', 'Илона'],
    ['🎮', '🎲'],
  ] as const) {
    assert.notEqual(shapeOf(one), shapeOf(other), `${one} and ${other}`)
  }
})

test('distinctName numbers who would be taken for somebody else', () => {
  assert.equal(distinctName('Eve', [], 40), 'Eve')
  assert.equal(distinctName('Еvе', ['Eve'], 40), 'Еvе 2')
  assert.equal(distinctName('Eve', ['Eve', 'Eve 2', 'еve 3'], 40), 'Eve 4')
  assert.equal(distinctName('x'.repeat(40), ['x'.repeat(40)], 40), `${'x'.repeat(38)} 2`)
  assert.equal(distinctName('👩‍👩‍👧‍👦'.repeat(3), ['👩‍👩‍👧‍👦'.repeat(3)], 33), `${'👩‍👩‍👧‍👦'.repeat(2)} 2`)
})

test('distinctName is always short enough, and never like one that is taken', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), fc.nat(20), (name, count) => {
      const taken: string[] = []
      for (let round = 0; round < count; round++) {
        const distinct = distinctName(name, taken, 40)
        assert.ok(distinct.length <= 40)
        assert.ok(taken.every((other) => shapeOf(other) !== shapeOf(distinct)))
        taken.push(distinct)
      }
    }),
    { numRuns: 100 },
  )
})
