import x11 from 'x11'

/** No keysym: nothing is on this key at this level. */
export const noSymbol = 0

/** The keysyms that this room names itself (X11/keysymdef.h). */
export const keysym = {
  shiftLeft: 0xffe1,
  controlLeft: 0xffe3,
  altLeft: 0xffe9,
  superLeft: 0xffeb,
  level3Shift: 0xfe03,
  numLock: 0xff7f,
  return: 0xff0d,
  tab: 0xff09,
} as const

/** Keysyms from here on are 0x01000000 plus a Unicode code point (X11 protocol, appendix A). */
const unicodeBase = 0x01000000

/** The keysym that stands for a character: the character's own number in Latin-1, else one made of its code point. */
export function keysymOf(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0
  const isLatin1 = (codePoint >= 0x20 && codePoint <= 0x7e) || (codePoint >= 0xa0 && codePoint <= 0xff)
  return isLatin1 ? codePoint : unicodeBase + codePoint
}

/** What a keysym writes, for every keysym that writes a character. */
export class CharacterTable {
  readonly #legacy: ReadonlyMap<number, string>

  constructor() {
    // Keysyms older than Unicode, EuroSign or Cyrillic_a for instance; their characters stand in their descriptions.
    const characters = Object.values(x11.keySyms).flatMap(({ code, description }): [number, string][] => {
      const character = /^\((.)\) /u.exec(description ?? '')?.[1]
      return character === undefined ? [] : [[code, character]]
    })
    this.#legacy = new Map([...characters, ...keypadCharacters])
  }

  /** The character that a keysym writes; undefined for one that writes none, or more than one of its keys. */
  characterOf(symbol: number): string | undefined {
    if (symbol >= unicodeBase) {
      return symbol <= unicodeBase + 0x10ffff ? String.fromCodePoint(symbol - unicodeBase) : undefined
    }
    return symbol >= 0x20 && symbol <= 0xff ? String.fromCodePoint(symbol) : this.#legacy.get(symbol)
  }
}

/** True for what is on the numeric keypad, with and without NumLock. */
export function isKeypad(symbol: number): boolean {
  return symbol >= 0xff80 && symbol <= 0xffbd
}

/** True for keys that change what other keys mean, wherever they are on the keyboard. */
export function isModifier(symbol: number): boolean {
  return (symbol >= 0xffe1 && symbol <= 0xffee) || (symbol >= 0xfe01 && symbol <= 0xfe13) || modeSwitches.has(symbol)
}

/** Mode_switch and Num_Lock, which stand apart from the other modifiers. */
const modeSwitches: ReadonlySet<number> = new Set([0xff7e, 0xff7f])

const keypadCharacters: readonly [number, string][] = [
  [0xff80, ' '],
  [0xffbd, '='],
  ...Array.from('*+,-./0123456789', (character, index): [number, string] => [0xffaa + index, character]),
]
