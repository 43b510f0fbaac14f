import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planCharacter, type CharacterRequest } from './character-plan.ts'
import { Keymap } from './keymap.ts'
import { CharacterTable, keysym, keysymOf } from './keysyms.ts'

const [keyA, keyQ, digit7, minus, euro, numpad4] = [38, 24, 16, 61, 26, 83]
const [shiftKey, controlKey, altGrKey, altKey, superKey, numLockKey] = [50, 37, 108, 64, 133, 77]

/** A few keys of a German keyboard: plain, Shift, AltGr, Shift and AltGr. */
const keys: Readonly<Record<number, readonly (number | string)[]>> = {
  [keyA]: ['a', 'A', 'æ', 'Æ'],
  [keyQ]: ['q', 'Q', '@', 'Ω'],
  [digit7]: ['7', '/', '{', 0],
  [minus]: ['-', '_'],
  [euro]: ['e', 'E', '€', '€'],
  [numpad4]: [0xff96, 0xffb4],
  [shiftKey]: [keysym.shiftLeft],
  [controlKey]: [keysym.controlLeft],
  [altGrKey]: [keysym.level3Shift],
  [altKey]: [keysym.altLeft],
  [superKey]: [keysym.superLeft],
  [numLockKey]: [keysym.numLock],
}

const rows = Array.from({ length: 248 }, (_, index) => {
  const [plain = 0, shift = 0, level3 = 0, shiftLevel3 = 0] = (keys[index + 8] ?? []).map((symbol) =>
    typeof symbol === 'string' ? keysymOf(symbol) : symbol,
  )
  return [plain, shift, plain, shift, level3, shiftLevel3]
})
const modifierRows = [[shiftKey], [66], [controlKey], [altKey], [numLockKey], [], [superKey], [altGrKey]]
const physical = new Set(Object.keys(keys).map(Number))
const reading = { firstKeycode: 8, rows, modifierRows, characters: new CharacterTable(), physical }
const keymap = new Keymap(reading)

const [shift, control, altGr] = [1, 4, 128]

function plan(character: string, options: Partial<CharacterRequest> = {}) {
  const { own = 0, held = own, keycode } = options
  const { kind, keycode: key, locks } = planCharacter(keymap, { character, keycode, own, held })
  return [kind, key, locks]
}

describe('planCharacter', () => {
  it("holds the player's own key when it writes the character", () => {
    assert.deepEqual(plan('a', { keycode: keyA }), ['hold', keyA, { capsLock: false }])
    assert.deepEqual(plan('A', { keycode: keyA, own: shift }), ['hold', keyA, { capsLock: false }])
    assert.deepEqual(plan('@', { keycode: keyQ, own: altGr }), ['hold', keyQ, {}])
  })

  it('holds another key that writes it under the same modifiers', () => {
    assert.deepEqual(plan('a', { keycode: keyQ }), ['hold', keyA, { capsLock: false }])
    assert.deepEqual(plan('_', { keycode: digit7, own: shift }), ['hold', minus, {}])
  })

  it('keeps commands together: Ctrl and what was meant', () => {
    assert.deepEqual(plan('a', { keycode: keyQ, own: control }), ['hold', keyA, { capsLock: false }])
  })

  it('taps a key under other modifiers', () => {
    assert.deepEqual(plan('/', { keycode: minus }), ['tap', digit7, {}])
    assert.deepEqual(plan('-', { keycode: digit7, own: shift }), ['tap', minus, {}])
    assert.deepEqual(plan('€', { keycode: keyQ }), ['tap', euro, {}])
  })

  it('taps the right key when another player holds modifiers', () => {
    assert.deepEqual(plan('a', { keycode: keyA, held: shift }), ['tap', keyA, { capsLock: false }])
    assert.deepEqual(plan('a', { keycode: keyA, held: control }), ['tap', keyA, { capsLock: false }])
  })

  it('turns CapsLock on when the player has it on', () => {
    assert.deepEqual(plan('A', { keycode: keyA }), ['hold', keyA, { capsLock: true }])
    assert.deepEqual(plan('a', { keycode: keyA, own: shift }), ['hold', keyA, { capsLock: true }])
  })

  it('turns NumLock to what the keypad writes', () => {
    assert.deepEqual(plan('4', { keycode: numpad4 }), ['hold', numpad4, { numLock: true }])
    assert.deepEqual(plan('4', { keycode: numpad4, own: shift }), ['hold', numpad4, { numLock: false }])
  })

  it('asks for a keycode that is given the meaning when no key has it', () => {
    assert.deepEqual(plan('漢'), ['hold', undefined, {}])
    assert.deepEqual(plan('ñ', { keycode: keyQ, own: shift }), ['hold', undefined, { capsLock: false }])
    assert.deepEqual(plan('4'), ['hold', undefined, {}], 'the keypad writes only for who presses it')
  })
})

describe('Keymap', () => {
  it('knows the bits of the modifiers', () => {
    assert.deepEqual(keymap.masks, { shift: 1, lock: 2, level3: 128, numLock: 16, command: 4 | 8 | 64 })
  })

  it('means the same with Shift where a key has one level', () => {
    assert.equal(keymap.symbolAt(controlKey, { shift: true, level3: true }), keysym.controlLeft)
  })

  it('has a spare keycode wherever there is no key and no modifier', () => {
    assert.ok(keymap.spareKeycodes.includes(8) && keymap.spareKeycodes.includes(255))
    assert.ok([keyA, keyQ, shiftKey, altGrKey, 66].every((keycode) => !keymap.spareKeycodes.includes(keycode)))
  })

  it('takes what a spare keycode has been lent for as no part of the layout', () => {
    const lent = rows.map((row, index) => (index === 200 ? [0xe9, 0xe9] : row))
    const other = new Keymap({ ...reading, rows: lent })
    assert.equal(other.lentFor(208), 0xe9)
    assert.deepEqual(other.strokesFor('é'), [])
    assert.equal(other.keycodeOf(0xe9), undefined)
  })

  it('is the same as another reading when only spare keys differ', () => {
    const wider = rows.map((row, index) => [...(index === 200 ? [1] : row), 0, 0])
    const other = new Keymap({ ...reading, rows: wider })
    assert.ok(keymap.sameAs(other, new Set([208])))
    assert.ok(!keymap.sameAs(other, new Set()))
  })
})
