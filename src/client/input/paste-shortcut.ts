import type { InputMessage } from '../../domain/input-event.ts'
import type { KeyStroke } from './key-stroke.ts'

/** Keys by which programs paste: Ctrl+V, with Shift in terminals, Command+V on a Mac, Shift+Insert. */
export function isPasteShortcut({ ctrlKey, altKey, shiftKey, metaKey, key, code }: KeyStroke): boolean {
  if (altKey) return false
  if (key === 'Insert') return shiftKey && !ctrlKey && !metaKey
  return ctrlKey !== metaKey && isLetter('v', key, code)
}

const macShortcuts = ['c', 'x', 'v']

/** The letter of Command+C, +X or +V, which programs here know with Control. */
export function macClipboardLetter({ ctrlKey, altKey, metaKey, key, code }: KeyStroke): string | undefined {
  if (!metaKey || ctrlKey || altKey) return undefined
  return macShortcuts.find((letter) => isLetter(letter, key, code))
}

/** Strikes a letter with Control down. */
export function strikeWithControl(letter: string): Extract<InputMessage, { type: 'key' }>[] {
  const control = { type: 'key', code: 'ControlLeft', key: 'Control' } as const
  const stroke = { type: 'key', code: `Key${letter.toUpperCase()}`, key: letter } as const
  return [
    { ...control, down: true },
    { ...stroke, down: true },
    { ...stroke, down: false },
    { ...control, down: false },
  ]
}

/** A layout without Latin letters has them where a US keyboard has. */
function isLetter(letter: string, key: string, code: string): boolean {
  return key.toLowerCase() === letter || (code === `Key${letter.toUpperCase()}` && key > '\u007f')
}
