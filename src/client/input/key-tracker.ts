import type { InputMessage } from '../../domain/input-event.ts'
import { commandName, usesUpModifiers, type KeyboardSystem, type OptionKeys, type Situation } from './key-meaning.ts'
import type { KeyStroke } from './key-stroke.ts'
import { KnownKeys } from './known-keys.ts'
import { macClipboardLetter, strikeWithControl } from './paste-shortcut.ts'

type KeyMessage = Extract<InputMessage, { type: 'key' }>

/** Windows reports AltGr as a left Control that nobody pressed, followed by the key itself at the same time. */
const phantomControlMs = 5

const controls = ['ControlLeft', 'ControlRight']
const alts = ['AltLeft', 'AltRight']

/**
 * Follows which keys are down and says what to tell the host. Every key that was told down is told up, with the meaning
 * that it had when it went down: `A` does not come up as `a` because Shift was let go first. Modifiers that the browser has
 * used up for a character are not down for the host while it is written.
 */
export class KeyTracker {
  readonly #system: KeyboardSystem
  readonly #optionKeys: () => OptionKeys
  readonly #known: KnownKeys
  /** By code, or by meaning for keys without code, those of phones. */
  readonly #held = new Map<string, { readonly message: KeyMessage; readonly atMs: number }>()
  /** Modifiers that are down and that the host does not know of, or not any more. */
  readonly #untold = new Map<
    string,
    { readonly message: KeyMessage; readonly atMs: number; readonly isUsed: boolean }
  >()

  constructor(options: {
    readonly system: KeyboardSystem
    /** `characters` when left out; asked at every key. */
    readonly optionKeys?: () => OptionKeys
    readonly known?: KnownKeys
  }) {
    this.#system = options.system
    this.#optionKeys = options.optionKeys ?? (() => 'characters')
    this.#known = options.known ?? new KnownKeys()
  }

  /** Undefined: not for the host but for the input method, which will turn it into text; the browser has to act on it. */
  down(stroke: KeyStroke): KeyMessage[] | undefined {
    if (isForInputMethod(stroke)) return undefined
    // The host's own keyboard repeats.
    if (stroke.repeat) return []
    const { code, key } = stroke
    const letter = this.#isMac ? macClipboardLetter(stroke) : undefined
    if (letter !== undefined) return [...this.#withdrawCommand(), ...strikeWithControl(letter)]
    if (this.#waitsForCharacter(stroke)) return []
    // It is down anew: what it was before is over.
    this.#untold.delete(code)
    const situation = this.#situation()
    const isCharacter = usesUpModifiers(stroke, situation)
    if (this.#writesPlainly(situation)) this.#known.see(stroke)
    const isCommand = !isCharacter && (stroke.ctrlKey || stroke.altKey || stroke.metaKey)
    const press: KeyMessage = { type: 'key', code, key: isCommand ? commandName(stroke, situation) : key, down: true }
    const before = isCharacter ? this.#withdraw([...controls, ...alts]) : this.#settleFor(key)
    // macOS tells Caps Lock once for each change, and never that a key came up while Command was held.
    const comesUpUnseen = this.#isMac && (code === 'CapsLock' || (stroke.metaKey && !isModifier(key)))
    if (comesUpUnseen) return [...before, press, { ...press, down: false }]
    const messages = [...before, ...this.#withdrawPhantomControl(stroke), press]
    this.#held.set(code || key, { message: press, atMs: stroke.timeStamp })
    return messages
  }

  up(stroke: KeyStroke): KeyMessage[] {
    const { code, key } = stroke
    if (this.#isMac && code === 'CapsLock') {
      const press: KeyMessage = { type: 'key', code, key, down: true }
      return [press, { ...press, down: false }]
    }
    const untold = this.#untold.get(code)
    this.#untold.delete(code)
    if (untold) return untold.isUsed ? [] : [untold.message, { ...untold.message, down: false }]
    const held = this.#held.get(code || key)
    if (!held) return []
    this.#held.delete(code || key)
    return [{ ...held.message, down: false }]
  }

  /** Something else than a character is about to happen, a click for instance: all modifiers that are down count. */
  settle(): KeyMessage[] {
    const untold = [...this.#untold]
    this.#untold.clear()
    for (const [code, { message, atMs }] of untold) this.#held.set(code, { message, atMs })
    return untold.map(([, { message }]) => message)
  }

  /** Forgets what is down: the host has been told to release it. */
  clear(): void {
    this.#held.clear()
    this.#untold.clear()
  }

  get #isMac(): boolean {
    return this.#system === 'mac'
  }

  #situation(): Situation {
    const isDown = (codes: readonly string[]) => codes.some((code) => this.#held.has(code) || this.#untold.has(code))
    const altGraph = [...this.#held.values()].some(({ message }) => message.key === 'AltGraph')
    return {
      system: this.#system,
      optionKeys: this.#optionKeys(),
      known: this.#known,
      altGraph,
      controlAndAlt: isDown(controls) && isDown(alts),
    }
  }

  /** Nothing but Shift has to do with what keys write now. */
  #writesPlainly({ altGraph, controlAndAlt }: Situation): boolean {
    return !altGraph && !controlAndAlt
  }

  /** An Option key: what comes next says whether it makes a character, or is a modifier that the host has to know of. */
  #waitsForCharacter({ code, key, ctrlKey, metaKey, timeStamp }: KeyStroke): boolean {
    if (!this.#isMac || key !== 'Alt' || !alts.includes(code) || ctrlKey || metaKey || this.#optionKeys() === 'alt')
      return false
    const message: KeyMessage = { type: 'key', code, key, down: true }
    this.#untold.set(code, { message, atMs: timeStamp, isUsed: false })
    return true
  }

  /** Shift and its like go with characters as well as with commands. */
  #settleFor(key: string): KeyMessage[] {
    const decides = key !== 'Shift' && key !== 'CapsLock' && key !== 'AltGraph'
    return decides ? this.settle() : []
  }

  /** Tells modifiers up that are down, until they count again. */
  #withdraw(codes: readonly string[]): KeyMessage[] {
    for (const [code, untold] of this.#untold) this.#untold.set(code, { ...untold, isUsed: true })
    return codes.flatMap((code) => {
      const held = this.#held.get(code)
      if (!held) return []
      this.#held.delete(code)
      this.#untold.set(code, { ...held, isUsed: true })
      return [{ ...held.message, down: false }]
    })
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
    if (key !== 'AltGraph' || !control) return []
    // On Windows AltGr is Control with Alt: a Control that is really down beside it makes no difference there.
    if (this.#system !== 'windows' && timeStamp - control.atMs > phantomControlMs) return []
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
