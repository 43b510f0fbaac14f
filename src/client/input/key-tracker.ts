import type { InputMessage } from '../../wire/input/input-message.ts'
import type { KeyStroke } from './key-stroke.ts'
import { macClipboardLetter, strikeWithControl } from './paste-shortcut.ts'

type KeyMessage = Extract<InputMessage, { type: 'key' }>

/** Windows reports AltGr as a left Control that nobody pressed, followed by the key itself at the same time. */
const phantomControlMs = 5

/**
 * Follows which keys are down and says what to tell the host. Every key that was told down is told up, with the meaning
 * that it had when it went down: `A` does not come up as `a` because Shift was let go first.
 */
export class KeyTracker {
  readonly #isMac: boolean
  /** By code, or by meaning for keys without code, those of phones. */
  readonly #held = new Map<string, { readonly message: KeyMessage; readonly atMs: number }>()

  constructor(options: { isMac: boolean }) {
    this.#isMac = options.isMac
  }

  /** Undefined: not for the host but for the input method, which will turn it into text; the browser has to act on it. */
  down(stroke: KeyStroke): KeyMessage[] | undefined {
    if (isForInputMethod(stroke)) return undefined
    // The host's own keyboard repeats.
    if (stroke.repeat) return []
    const { code, key } = stroke
    const letter = this.#isMac ? macClipboardLetter(stroke) : undefined
    if (letter !== undefined) return [...this.#withdrawCommand(), ...strikeWithControl(letter)]
    const press: KeyMessage = { type: 'key', code, key, down: true }
    // macOS tells Caps Lock once for each change, and never that a key came up while Command was held.
    const comesUpUnseen = this.#isMac && (code === 'CapsLock' || (stroke.metaKey && !isModifier(key)))
    if (comesUpUnseen) return [press, { ...press, down: false }]
    const messages = [...this.#withdrawPhantomControl(stroke), press]
    this.#held.set(code || key, { message: press, atMs: stroke.timeStamp })
    return messages
  }

  up(stroke: KeyStroke): KeyMessage[] {
    const { code, key } = stroke
    if (this.#isMac && code === 'CapsLock') {
      const press: KeyMessage = { type: 'key', code, key, down: true }
      return [press, { ...press, down: false }]
    }
    const held = this.#held.get(code || key)
    if (!held) return []
    this.#held.delete(code || key)
    return [{ ...held.message, down: false }]
  }

  /** Forgets what is down: the host has been told to release it. */
  clear(): void {
    this.#held.clear()
  }

  /** Command stands for Control where it copies and pastes. */
  #withdrawCommand(): KeyMessage[] {
    return ['MetaLeft', 'MetaRight'].flatMap((code) => {
      const held = this.#held.get(code)
      this.#held.delete(code)
      return held ? [{ ...held.message, down: false }] : []
    })
  }

  #withdrawPhantomControl({ key, timeStamp }: KeyStroke): KeyMessage[] {
    const control = this.#held.get('ControlLeft')
    if (key !== 'AltGraph' || !control || timeStamp - control.atMs > phantomControlMs) return []
    this.#held.delete('ControlLeft')
    return [{ ...control.message, down: false }]
  }
}

/** Keys that an input method keeps for itself, and what phones send for a key that became text. */
function isForInputMethod({ isComposing, key, code }: KeyStroke): boolean {
  return isComposing || key === 'Process' || (key === 'Unidentified' && code === '')
}

function isModifier(key: string): boolean {
  return key === 'Shift' || key === 'Control' || key === 'Alt' || key === 'Meta' || key === 'AltGraph'
}

/** The documented way out of captured keyboard and pointer: Ctrl+Alt+Shift+Q. */
export function isReleaseShortcut({ ctrlKey, altKey, shiftKey, key, code }: KeyStroke): boolean {
  return ctrlKey && altKey && shiftKey && (key.toLowerCase() === 'q' || code === 'KeyQ')
}
