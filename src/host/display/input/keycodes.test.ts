import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keycodes } from './keycodes.ts'

describe('keycodes', () => {
  it('has the evdev code plus 8 of each key', () => {
    // The second number is the code of linux/input-event-codes.h.
    const evdev = {
      Escape: 1, Digit1: 2, Equal: 13, KeyQ: 16, BracketRight: 27, Enter: 28, ControlLeft: 29, KeyA: 30, Backquote: 41,
      ShiftLeft: 42, Backslash: 43, KeyZ: 44, Slash: 53, ShiftRight: 54, NumpadMultiply: 55, AltLeft: 56, Space: 57,
      CapsLock: 58, F1: 59, F10: 68, NumLock: 69, Numpad7: 71, Numpad0: 82, NumpadDecimal: 83, IntlBackslash: 86, F11: 87,
      F12: 88, IntlRo: 89, Convert: 92, KanaMode: 93, NonConvert: 94, NumpadEnter: 96, ControlRight: 97, NumpadDivide: 98,
      PrintScreen: 99, AltRight: 100, Home: 102, ArrowUp: 103, Delete: 111, AudioVolumeMute: 113, NumpadEqual: 117,
      Pause: 119, IntlYen: 124, MetaLeft: 125, MetaRight: 126, ContextMenu: 127, Help: 138, BrowserBack: 158,
      MediaPlayPause: 164, BrowserHome: 172, F13: 183, F24: 194, BrowserSearch: 217,
    } // prettier-ignore
    for (const [code, number] of Object.entries(evdev)) assert.equal(keycodes.get(code), number + 8, code)
  })

  it('stays within what X has', () => {
    for (const [code, keycode] of keycodes) assert.ok(keycode >= 8 && keycode <= 255, code)
  })
})
