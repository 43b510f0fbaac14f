import { isKeypad, isModifier, keysym, noSymbol, type CharacterTable } from './keysyms.ts'

/** The modifiers that choose among the levels of a key. */
export interface Level {
  readonly shift: boolean
  readonly level3: boolean
}

/** A key and the level at which it writes something. */
export interface Stroke extends Level {
  readonly keycode: number
}

export interface KeymapOptions {
  readonly firstKeycode: number
  /** GetKeyboardMapping: the keysyms of each keycode, from `firstKeycode` on. */
  readonly rows: readonly (readonly number[])[]
  /** GetModifierMapping: the keycodes of Shift, Lock, Control and Mod1 to Mod5. */
  readonly modifierRows: readonly (readonly number[])[]
  readonly characters: CharacterTable
  /** The keycodes that are keys of a keyboard. */
  readonly physical: ReadonlySet<number>
}

/**
 * Where the four levels of the first group stand in a row of GetKeyboardMapping (XKB protocol, "Core Keyboard Mapping
 * to XKB Keyboard Mapping": the second group's first two levels come in between).
 */
const levelColumns = { plain: 0, shift: 1, level3: 4, shiftLevel3: 5 } as const

/**
 * What the keys of a display mean: one reading of the server's keyboard mapping, which never changes. Keycodes that are
 * no keys mean nothing here, whatever they have been lent for.
 */
export class Keymap {
  readonly #characters: CharacterTable
  readonly #rows: ReadonlyMap<number, readonly number[]>
  readonly #spare: ReadonlySet<number>
  readonly #maskOf: ReadonlyMap<number, number>
  readonly #strokes: ReadonlyMap<string, readonly Stroke[]>
  /** The modifier bits of each role, as the server has them; 0 where the role has no key. */
  readonly masks: {
    readonly shift: number
    readonly lock: number
    readonly level3: number
    readonly numLock: number
    /** Control, Alt and Super: they make a command of a character. */
    readonly command: number
  }
  /** Keycodes that no physical key has and no modifier needs, so that they can be given any meaning; in rising order. */
  readonly spareKeycodes: readonly number[]
  /** The keys that produce the level modifiers, where there are such keys. */
  readonly shiftKeycode: number | undefined
  readonly level3Keycode: number | undefined

  constructor(options: KeymapOptions) {
    this.#characters = options.characters
    this.#rows = new Map(options.rows.map((row, index) => [options.firstKeycode + index, row]))
    this.#maskOf = new Map(
      options.modifierRows.flatMap((row, bit) => row.filter((code) => code > 0).map((code) => [code, 1 << bit])),
    )
    this.spareKeycodes = [...this.#rows]
      .filter(([keycode, row]) => !options.physical.has(keycode) && this.maskOf(keycode) === 0 && !row.some(isModifier))
      .map(([keycode]) => keycode)
    this.#spare = new Set(this.spareKeycodes)
    this.shiftKeycode = this.keycodeOf(keysym.shiftLeft)
    this.level3Keycode = this.keycodeOf(keysym.level3Shift)
    this.masks = {
      shift: 1,
      lock: 2,
      level3: this.maskOf(this.level3Keycode),
      numLock: this.maskOf(this.keycodeOf(keysym.numLock)),
      command: 4 | this.maskOf(this.keycodeOf(keysym.altLeft)) | this.maskOf(this.keycodeOf(keysym.superLeft)),
    }
    this.#strokes = Map.groupBy(this.#allStrokes(), (stroke) => this.characterAt(stroke.keycode, stroke) ?? '')
  }

  /** The modifier bits that a key sets while it is held. */
  maskOf(keycode: number | undefined): number {
    return (keycode !== undefined && this.#maskOf.get(keycode)) || 0
  }

  /** All keysyms of a key, at any level. */
  symbolsOf(keycode: number): readonly number[] {
    return this.#spare.has(keycode) ? [] : (this.#rows.get(keycode) ?? [])
  }

  /** What a spare keycode has been lent for. */
  lentFor(keycode: number): number {
    return this.#rows.get(keycode)?.[levelColumns.plain] ?? noSymbol
  }

  /** What a key means at a level, with CapsLock and NumLock off. */
  symbolAt(keycode: number, level: Level): number {
    const row = this.symbolsOf(keycode)
    const hasLevel3 = (row[levelColumns.level3] ?? noSymbol) !== noSymbol
    const [plain, shifted] =
      level.level3 && hasLevel3
        ? [row[levelColumns.level3], row[levelColumns.shiftLevel3]]
        : [row[levelColumns.plain], row[levelColumns.shift]]
    // A key with one level means the same with and without Shift.
    return (level.shift && shifted !== noSymbol ? shifted : plain) ?? noSymbol
  }

  characterAt(keycode: number, level: Level): string | undefined {
    return this.#characters.characterOf(this.symbolAt(keycode, level))
  }

  /** True when CapsLock turns the two cases of this key round, as it does with letters. */
  isAlphabetic(keycode: number, { level3 }: Level): boolean {
    const lower = this.characterAt(keycode, { shift: false, level3 })
    const upper = this.characterAt(keycode, { shift: true, level3 })
    return lower !== undefined && lower !== upper && lower.toUpperCase() === upper
  }

  /** True when NumLock chooses between the two meanings of this key. */
  isKeypadKey(keycode: number): boolean {
    const [plain = noSymbol, shifted = noSymbol] = this.symbolsOf(keycode)
    return isKeypad(plain) && isKeypad(shifted) && plain !== shifted
  }

  /** The ways to write a character with the main keys, the simplest first. */
  strokesFor(character: string): readonly Stroke[] {
    return this.#strokes.get(character) ?? []
  }

  /** The first key that means this without any modifier. */
  keycodeOf(symbol: number): number | undefined {
    return [...this.#rows.keys()].find((keycode) => this.symbolsOf(keycode)[levelColumns.plain] === symbol)
  }

  /** True when both give every key outside of `except` the same meaning. */
  sameAs(other: Keymap, except: ReadonlySet<number>): boolean {
    const same = (keycode: number) => trimmed(this.#rows.get(keycode)) === trimmed(other.#rows.get(keycode))
    return [...this.#rows.keys()].every((keycode) => except.has(keycode) || same(keycode))
  }

  *#allStrokes(): Generator<Stroke> {
    const levels: readonly Level[] = [
      { shift: false, level3: false },
      { shift: true, level3: false },
      ...(this.level3Keycode === undefined
        ? []
        : [
            { shift: false, level3: true },
            { shift: true, level3: true },
          ]),
    ]
    for (const level of levels) {
      for (const keycode of this.#rows.keys()) {
        if (!isKeypad(this.symbolAt(keycode, level))) yield { keycode, ...level }
      }
    }
  }
}

/** A row without the empty columns at its end: how many there are depends on the other rows. */
function trimmed(row: readonly number[] = []): string {
  return row.slice(0, row.findLastIndex((symbol) => symbol !== noSymbol) + 1).join()
}
