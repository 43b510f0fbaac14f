import { isAscii, usCharacter } from '../../kernel/us-keys.ts'
import type { KeyStroke } from './key-stroke.ts'
import type { KnownKeys } from './known-keys.ts'

/** Whose keyboard it is: systems use up different modifiers to make characters. */
export type KeyboardSystem = 'mac' | 'windows' | 'other'

/** What the Option keys of a Mac are for: `@`, `[` and the like, or Alt of shortcuts (Meta of terminals and editors). */
export type OptionKeys = 'characters' | 'alt'

export interface Situation {
  readonly system: KeyboardSystem
  readonly optionKeys: OptionKeys
  readonly known: KnownKeys
  /** AltGr is down; it chooses among characters and commands nothing. */
  readonly altGraph: boolean
  /** Control and Alt are down, as far as keys have been seen going down. */
  readonly controlAndAlt: boolean
}

/** The system that a browser says it runs on, from `navigator.platform`. */
export function keyboardSystem(platform: string): KeyboardSystem {
  if (/mac|iphone|ipad/i.test(platform)) return 'mac'
  return /^win/i.test(platform) ? 'windows' : 'other'
}

/** True for a key that writes one character, or begins one. */
export function isCharacterKey(key: string): boolean {
  return key === 'Dead' || Array.from(key).length === 1
}

/**
 * True when the browser has made the key's character out of the Option key, or out of Control and Alt as Windows does with
 * layouts that have AltGr: then those command nothing.
 */
export function usesUpModifiers(stroke: KeyStroke, situation: Situation): boolean {
  const { key, ctrlKey, altKey, metaKey } = stroke
  const { system, optionKeys } = situation
  if (!isCharacterKey(key)) return false
  if (system === 'mac') return altKey && !ctrlKey && !metaKey && optionKeys === 'characters'
  if (situation.altGraph || metaKey) return false
  // Most browsers on Windows say so themselves: the keys are down, and yet they are no modifiers of this one.
  if (!ctrlKey && !altKey) return situation.controlAndAlt
  return system === 'windows' && ctrlKey && altKey && key !== 'Dead' && !isPlainCharacter(stroke, situation.known)
}

/** True for what the key writes, as far as is known, without Control and Alt too. */
function isPlainCharacter({ key, code, shiftKey }: KeyStroke, known: KnownKeys): boolean {
  if (/^[a-z\d]$/i.test(key) || key === usCharacter(code, shiftKey)) return true
  if (/\p{L}/u.test(key) && !/\p{Script=Latin}/u.test(key)) return true
  // What Shift makes of a key is not known; with Control, Alt and Shift together hardly any layout has a sign.
  if (shiftKey && isAscii(key)) return true
  return known.plainOf(code) === key.toLowerCase()
}

/**
 * By what name a shortcut goes to the host. A character that is none of the shortcut's, as Option has changed it or the
 * layout has signs where others have letters, gives way to the one that belongs to the key.
 */
export function commandName(stroke: KeyStroke, { system, known }: Situation): string {
  const { key, code, altKey, shiftKey } = stroke
  if (system === 'mac' && altKey && isCharacterKey(key)) return known.commandOf(code, shiftKey) ?? key
  const isSeveral = Array.from(key).length > 1 && !/^[A-Za-z0-9]+$/.test(key)
  const isForeign = isSeveral || (isAscii(key) && !/[a-z\d]/i.test(key) && known.isWithoutLatin(code))
  return (isForeign && usCharacter(code, shiftKey)) || key
}
