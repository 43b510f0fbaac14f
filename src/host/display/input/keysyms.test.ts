import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { CharacterTable, isKeypad, isModifier, keysymOf } from './keysyms.ts'

describe('keysymOf', () => {
  it('is the number of the character in Latin-1', () => {
    assert.equal(keysymOf('a'), 0x61)
    assert.equal(keysymOf('é'), 0xe9)
  })

  it('is made of the code point for everything else', () => {
    assert.equal(keysymOf('€'), 0x010020ac)
    assert.equal(keysymOf('😀'), 0x0101f600)
  })
})

describe('CharacterTable', () => {
  const table = new CharacterTable()

  it('reads back every character', () => {
    const character = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => Array.from(text)[0] ?? 'x')
    fc.assert(fc.property(character, (one) => assert.equal(table.characterOf(keysymOf(one)), one)))
  })

  it('knows the keysyms that are older than Unicode', () => {
    const old = { '€': 0x20ac, а: 0x06c1, Ω: 0x07d9, ł: 0x01b3, ŧ: 0x03bc, '→': 0x08fd }
    for (const [character, symbol] of Object.entries(old)) assert.equal(table.characterOf(symbol), character)
  })

  it('knows what the keypad writes', () => {
    const keypad = Array.from({ length: 10 }, (_, digit) => table.characterOf(0xffb0 + digit)).join('')
    assert.equal(keypad, '0123456789')
    assert.deepEqual(
      [0xffab, 0xffad, 0xffaa, 0xffaf, 0xffae].map((symbol) => table.characterOf(symbol)),
      Array.from('+-*/.'),
    )
  })

  it('knows that other keys write nothing', () => {
    for (const symbol of [0, 0xff0d, 0xffe1, 0xfe51, 0x1008ff11, 0x02000000]) {
      assert.equal(table.characterOf(symbol), undefined)
    }
  })
})

describe('what kind of key a keysym is', () => {
  it('tells the keypad from the arrows', () => {
    assert.deepEqual([0xff96, 0xffb4, 0xff51, 0x34].map(isKeypad), [true, true, false, false])
  })

  it('tells modifiers, wherever they are', () => {
    assert.deepEqual([0xffe1, 0xfe03, 0xff7f, 0xff7e, 0x61, 0xff0d].map(isModifier), [
      true,
      true,
      true,
      true,
      false,
      false,
    ])
  })
})
