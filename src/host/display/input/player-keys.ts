import { isAscii, usCharacter } from '../../../kernel/us-keys.ts'
import { locksFor, planCharacter, type Locks } from './character-plan.ts'
import { baseAfter, isDeadKey } from './dead-keys.ts'
import type { Keyboard } from './keyboard.ts'
import { keycodes } from './keycodes.ts'
import type { Level, Stroke, Keymap } from './keymap.ts'
import { keysym, keysymOf } from './keysyms.ts'
import { namedKeys } from './named-keys.ts'

/** Whether something was done, is to be tried again a little later, or cannot be done on this keyboard. */
export type Outcome = 'done' | 'later' | 'impossible'

/** Windows makes up the Control before AltGr at the moment of that; nobody presses two keys so fast. */
const phantomControlMs = 15

const plain: Level = { shift: false, level3: false }
const nothing: ReadonlySet<number> = new Set()

/** Control characters that text may hold, and the keys that write them. */
const controlCharacters: ReadonlyMap<string, number> = new Map([
  ['\n', keysym.return],
  ['\t', keysym.tab],
])

/**
 * What one player does on the display's keyboard: which keys the player holds, and on which keycodes. A key goes up on
 * the keycode that it went down on, whatever layout or meaning it has by then.
 */
export class PlayerKeys {
  readonly #keyboard: Keyboard
  readonly #nowMs: () => number
  /** The keycode that each held key of the player is down on. */
  readonly #held = new Map<string, number>()
  /** A dead key that the next character decides about. */
  #dead: Stroke | undefined
  #previousDown = { name: '', atMs: -Infinity }
  #ignoresControl = false

  constructor(keyboard: Keyboard, nowMs: () => number) {
    this.#keyboard = keyboard
    this.#nowMs = nowMs
  }

  get holding(): boolean {
    return this.#held.size > 0
  }

  /** A key goes down, or repeats because it is held: then the X server repeats it too, and this does nothing. */
  down(code: string, key: string): Outcome {
    const name = nameOf(code, key)
    const outcome = this.#held.has(name) ? 'done' : this.#press(name, code, key)
    if (outcome !== 'later') this.#previousDown = { name, atMs: this.#nowMs() }
    return outcome
  }

  up(code: string, key: string): void {
    const name = nameOf(code, key)
    const keycode = this.#held.get(name)
    if (keycode !== undefined) this.#keyboard.release(keycode)
    this.#held.delete(name)
    if (key === 'AltGraph' || code === 'AltRight') this.#ignoresControl = false
  }

  /** Writes one character whatever the player holds. */
  write(character: string): Outcome {
    this.#dead = undefined
    const { keymap } = this.#keyboard
    const control = controlCharacters.get(character)
    if (control !== undefined) return this.#tap(keymap.keycodeOf(control), plain, nothing)
    if (!isPrintable(character)) return 'impossible'
    const [stroke] = keymap.strokesFor(character)
    const keycode = stroke?.keycode ?? this.#keyboard.borrow(keysymOf(character))
    if (keycode === undefined) return 'later'
    this.#keyboard.setLocks(locksFor(character))
    return this.#tap(keycode, stroke ?? plain, nothing)
  }

  /** Prepares for characters that will be written soon. */
  writeAhead(characters: readonly string[]): void {
    const { keymap } = this.#keyboard
    const unknown = characters.filter(
      (character) => isPrintable(character) && keymap.strokesFor(character).length === 0,
    )
    this.#keyboard.lendAhead(unknown.map((character) => keysymOf(character)))
  }

  releaseAll(): void {
    for (const keycode of this.#held.values()) this.#keyboard.release(keycode)
    this.#held.clear()
    this.#dead = undefined
    this.#ignoresControl = false
  }

  #press(name: string, code: string, key: string): Outcome {
    if (key === 'Dead') return this.#rememberDead(code)
    // An input method has taken the key; what it makes of it comes as text.
    if (key === 'Process') return 'done'
    if (Array.from(key).length === 1) return this.#pressCharacter(name, code, key)
    return this.#pressNamed(name, code, key)
  }

  /**
   * A dead key is pressed only together with the character after it. By then it is known whether that needs it: a
   * browser sends `é` itself after `Dead`, or some other character when the player thought better of it.
   */
  #rememberDead(code: string): Outcome {
    const keycode = keycodes.get(code)
    const level = this.#level()
    if (keycode === undefined || !isDeadKey(this.#keyboard.keymap.symbolAt(keycode, level))) return 'impossible'
    this.#dead = { keycode, ...level }
    return 'done'
  }

  #pressCharacter(name: string, code: string, written: string): Outcome {
    if (!isPrintable(written)) return 'impossible'
    const dead = this.#dead
    this.#dead = undefined
    const { keymap } = this.#keyboard
    const held = new Set(this.#held.values())
    const own = this.#keyboard.maskOf(held)
    const character = commandCharacter(keymap, { character: written, code, own })
    const base = dead && baseAfter(keymap.symbolAt(dead.keycode, dead), character)
    const plan = planCharacter(keymap, {
      character: base ?? character,
      keycode: keycodes.get(code),
      own,
      held: this.#keyboard.heldMask,
    })
    const keycode = plan.keycode ?? this.#keyboard.borrow(keysymOf(base ?? character))
    if (keycode === undefined) return 'later'
    if (dead && base !== undefined) this.#keyboard.tap(dead.keycode, dead, nothing)
    if (plan.kind === 'hold') return this.#hold(name, keycode, plan.locks)
    this.#keyboard.setLocks(plan.locks)
    return this.#tap(keycode, plan.level, held)
  }

  #pressNamed(name: string, code: string, key: string): Outcome {
    const symbols = namedKeys.get(key)
    const physical = keycodes.get(code)
    if (code === 'ControlLeft' && this.#ignoresControl) return 'done'
    const keycode = this.#namedKeycode(physical, symbols) ?? (symbols && this.#keyboard.borrow(symbols[0]))
    if (keycode === undefined) return symbols ? 'later' : 'impossible'
    const { keymap } = this.#keyboard
    if (keymap.maskOf(keycode) === 0) this.#dead = undefined
    if (key === 'AltGraph') this.#dropPhantomControl()
    // The arrows of the keypad are where its digits are with NumLock.
    const numLock = keymap.isKeypadKey(keycode) ? { numLock: this.#level().shift } : {}
    return this.#hold(name, keycode, numLock)
  }

  /** The player's own key if it has that meaning here, else one that has: right Alt is AltGr on some layouts only. */
  #namedKeycode(physical: number | undefined, symbols: readonly number[] | undefined): number | undefined {
    const { keymap } = this.#keyboard
    if (!symbols) return physical
    if (physical !== undefined && keymap.symbolsOf(physical).some((symbol) => symbols.includes(symbol))) return physical
    const [elsewhere] = symbols.flatMap((symbol) => keymap.keycodeOf(symbol) ?? [])
    return elsewhere ?? physical
  }

  /** Windows sends a left Control that nobody pressed right before every AltGr; an app would take it for a command. */
  #dropPhantomControl(): void {
    const keycode = this.#held.get('ControlLeft')
    const { name, atMs } = this.#previousDown
    if (keycode === undefined || name !== 'ControlLeft' || this.#nowMs() - atMs > phantomControlMs) return
    this.#keyboard.release(keycode)
    this.#held.delete('ControlLeft')
    this.#ignoresControl = true
  }

  #hold(name: string, keycode: number, locks: Locks): Outcome {
    this.#keyboard.setLocks(locks)
    this.#keyboard.press(keycode)
    this.#held.set(name, keycode)
    return 'done'
  }

  #tap(keycode: number | undefined, level: Level, keep: ReadonlySet<number>): Outcome {
    if (keycode === undefined) return 'impossible'
    this.#keyboard.tap(keycode, level, keep)
    return 'done'
  }

  /** What the modifiers that this player holds choose. */
  #level(): Level {
    const { shift, level3 } = this.#keyboard.keymap.masks
    const own = this.#keyboard.maskOf(this.#held.values())
    return { shift: (own & shift) !== 0, level3: (own & level3) !== 0 }
  }
}

/** By what a key is found again when it goes up: where it is, or for a keyboard on a screen what it says. */
function nameOf(code: string, key: string): string {
  return code === '' ? `key ${key.toLowerCase()}` : code
}

/** True for what a keysym can stand for: no control character and no half of a surrogate pair. */
function isPrintable(character: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(character)
}

interface CommandRequest {
  /** What the key writes at the player, one code point. */
  readonly character: string
  /** The player's key, as in UI Events; empty when unknown. */
  readonly code: string
  /** Modifier bits that this player holds. */
  readonly own: number
}

/**
 * The character that a key stands for under the modifiers that are held. Programs name their shortcuts after letters of a US
 * keyboard, whatever the player's writes: with Control, Alt or Super the key decides where its character cannot be meant.
 */
function commandCharacter(keymap: Keymap, { character, code, own }: CommandRequest): string {
  const { command, level3, shift } = keymap.masks
  if ((own & command) === 0 || (own & level3) !== 0 || isAscii(character)) return character
  const isForeignLetter = /\p{L}/u.test(character) && !/\p{Script=Latin}/u.test(character)
  // What the layout of the display has too may be what a menu is named after: Alt+Ö.
  if (!isForeignLetter && keymap.strokesFor(character).length > 0) return character
  return usCharacter(code, (own & shift) !== 0) ?? character
}
