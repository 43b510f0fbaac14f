import type { Keymap, Level, Stroke } from './keymap.ts'

/** What CapsLock and NumLock must be for a key to mean what it should; what is left out stays as it is. */
export interface Locks {
  readonly capsLock?: boolean
  readonly numLock?: boolean
}

/** How to write a character. */
export interface CharacterPlan {
  /**
   * `hold`: the key goes down and up with the player's own key, and repeats meanwhile. `tap`: one stroke under other
   * modifiers than those that are down, which could not be repeated by the server.
   */
  readonly kind: 'hold' | 'tap'
  /** Undefined when no key of the layout writes the character: it needs a keycode that is given this meaning. */
  readonly keycode: number | undefined
  readonly level: Level
  readonly locks: Locks
}

export interface CharacterRequest {
  /** One code point. */
  readonly character: string
  /** The key that the player pressed, if it is known. */
  readonly keycode: number | undefined
  /** Modifier bits that this player holds. */
  readonly own: number
  /** Modifier bits that are down on the display, whoever holds them. */
  readonly held: number
}

/**
 * How a layout writes a character for a player.
 *
 * The player's own key is best, when it writes the character under the modifiers that are held: a game gets the keys it
 * expects. Next comes another key that does so under the same modifiers. Only then the modifiers are changed, and only
 * what no key writes at all takes a keycode from outside of the layout.
 */
export function planCharacter(keymap: Keymap, request: CharacterRequest): CharacterPlan {
  const { character, own, held } = request
  const { shift, level3, command } = keymap.masks
  const level = { shift: (own & shift) !== 0, level3: (own & level3) !== 0 }
  // What other players hold is none of this player's meaning.
  const kind = ((held ^ own) & (shift | level3 | command)) === 0 ? 'hold' : 'tap'
  const direct = planOwnKey(keymap, request, level) ?? planSameLevel(keymap, character, level)
  if (direct) return { kind, level, ...direct }
  const locks = locksFor(character)
  const [stroke] = keymap.strokesFor(character)
  return stroke
    ? { kind: 'tap', keycode: stroke.keycode, level: stroke, locks }
    : { kind, keycode: undefined, level, locks }
}

/** CapsLock turns letters round and nothing else: for anything else it does not matter. */
export function locksFor(character: string): Locks {
  return character.toLowerCase() === character.toUpperCase() ? {} : { capsLock: false }
}

interface Direct {
  readonly keycode: number
  readonly locks: Locks
}

function planOwnKey(keymap: Keymap, { character, keycode }: CharacterRequest, level: Level): Direct | undefined {
  if (keycode === undefined) return undefined
  if (keymap.isKeypadKey(keycode)) {
    // On the keypad NumLock and Shift undo each other.
    const isDigit = keymap.characterAt(keycode, { shift: true, level3: false }) === character
    return isDigit ? { keycode, locks: { numLock: !level.shift } } : undefined
  }
  if (keymap.characterAt(keycode, level) === character) return { keycode, locks: locksFor(character) }
  const turned = { ...level, shift: !level.shift }
  const withCapsLock = keymap.isAlphabetic(keycode, level) && keymap.characterAt(keycode, turned) === character
  return withCapsLock ? { keycode, locks: { capsLock: true } } : undefined
}

function planSameLevel(keymap: Keymap, character: string, level: Level): Direct | undefined {
  const same = (stroke: Stroke) => stroke.shift === level.shift && stroke.level3 === level.level3
  const stroke = keymap.strokesFor(character).find(same)
  return stroke && { keycode: stroke.keycode, locks: locksFor(character) }
}
