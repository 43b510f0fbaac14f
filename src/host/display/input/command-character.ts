import { isAscii, usCharacter } from '../../../kernel/us-keys.ts'
import type { Keymap } from './keymap.ts'

export interface CommandRequest {
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
export function commandCharacter(keymap: Keymap, { character, code, own }: CommandRequest): string {
  const { command, level3, shift } = keymap.masks
  if ((own & command) === 0 || (own & level3) !== 0 || isAscii(character)) return character
  const isForeignLetter = /\p{L}/u.test(character) && !/\p{Script=Latin}/u.test(character)
  // What the layout of the display has too may be what a menu is named after: Alt+Ö.
  if (!isForeignLetter && keymap.strokesFor(character).length > 0) return character
  return usCharacter(code, (own & shift) !== 0) ?? character
}
