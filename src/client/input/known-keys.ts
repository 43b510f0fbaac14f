import { isAscii, usCharacter } from '../../kernel/us-keys.ts'
import type { KeyStroke } from './key-stroke.ts'

/** Letters, digits and signs, one of which a key writes by itself. */
const writingKey =
  /^(?:Key[A-Z]|Digit\d|Intl\w+|Backquote|Minus|Equal|Bracket\w+|Backslash|Semicolon|Quote|Comma|Period|Slash)$/

/**
 * What is known of the player's own keyboard: what its keys write without any modifier. A browser that can tell gives its
 * `navigator.keyboard.getLayoutMap()`, and for the rest there is what has been typed so far.
 */
export class KnownKeys {
  /** By code, of the layout that is used for typing now. */
  readonly #typed = new Map<string, string>()
  /** The browser's own, of the first layout with Latin letters that the system has. */
  #latin: ReadonlyMap<string, string> = new Map()
  /** Whether the letter that was typed last was a Latin one. */
  #typesLatin: boolean | undefined

  /** What `getLayoutMap()` gave. */
  useLayoutMap(map: ReadonlyMap<string, string>): void {
    this.#latin = new Map(map)
  }

  /** Takes note of a key that went down. */
  see({ code, key, ctrlKey, altKey, metaKey, shiftKey }: KeyStroke): void {
    if (ctrlKey || altKey || metaKey || Array.from(key).length !== 1 || !writingKey.test(code)) return
    if (/\p{L}/u.test(key)) this.#typesLatin = /\p{Script=Latin}/u.test(key)
    if (shiftKey) return
    const previous = this.#typed.get(code)
    const character = key.toLowerCase()
    // Another layout has been switched to: what the other keys wrote in the one before says nothing any more.
    if (previous !== undefined && previous !== character) this.#typed.clear()
    this.#typed.set(code, character)
  }

  /** What the key writes by itself, if that is known. */
  plainOf(code: string): string | undefined {
    return this.#typed.get(code) ?? this.#latin.get(code)
  }

  /** By what a shortcut on this key is named: an ASCII character. */
  commandOf(code: string, shift: boolean): string | undefined {
    const us = usCharacter(code, shift)
    if (this.#typesLatin === false) return us
    const plain = [this.#typed.get(code), this.#latin.get(code)].find((one) => one !== undefined && isAscii(one))
    if (plain === undefined) return us
    if (!shift) return plain
    return /[a-z]/.test(plain) ? plain.toUpperCase() : us
  }

  /** True when this keyboard has no Latin letters now: then a sign on a letter key is no shortcut's name. */
  isWithoutLatin(code: string): boolean {
    if (this.#typesLatin !== undefined) return !this.#typesLatin
    return /^[a-z]$/.test(this.#latin.get(code) ?? '')
  }

  /** All that is known of what keys write by themselves, by code. */
  get keys(): ReadonlyMap<string, string> {
    return this.#typed.size >= this.#latin.size ? this.#typed : this.#latin
  }
}
