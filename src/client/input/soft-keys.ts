import { Writable, type Readable } from '../../kernel/readable.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { reportUncaught } from '../contract/report-uncaught.ts'

/** Keys that the on-screen keyboards of phones do not have. */
export type SoftKey =
  | 'Escape'
  | 'Tab'
  | 'ArrowLeft'
  | 'ArrowRight'
  | 'ArrowUp'
  | 'ArrowDown'
  | 'Home'
  | 'End'
  | 'PageUp'
  | 'PageDown'
  | 'Delete'

export const softModifiers = ['Control', 'Alt', 'Shift', 'Meta'] as const
export type SoftModifier = (typeof softModifiers)[number]

/** Modifiers that one taps are held for the next key or character, whichever keyboard that comes from. */
export class SoftKeys {
  readonly #send: (message: InputMessage) => void
  readonly #modifiers = new Writable<ReadonlySet<SoftModifier>>(new Set(), reportUncaught)
  /** Down on the host, with those that are held for it. */
  readonly #held = new Map<string, readonly SoftModifier[]>()

  constructor(send: (message: InputMessage) => void) {
    this.#send = send
  }

  /** Those that wait for the next key. */
  get modifiers(): Readable<ReadonlySet<SoftModifier>> {
    return this.#modifiers
  }

  toggle(modifier: SoftModifier): void {
    const modifiers = new Set(this.#modifiers.value)
    if (!modifiers.delete(modifier)) modifiers.add(modifier)
    this.#modifiers.set(modifiers)
  }

  down(key: SoftKey): void {
    this.send({ type: 'key', code: key, key, down: true })
  }

  up(key: SoftKey): void {
    this.send({ type: 'key', code: key, key, down: false })
  }

  /** Passes on what is typed, with the modifiers that wait for it. */
  send(message: InputMessage): void {
    if (message.type === 'key') return message.down ? this.#press(message) : this.#release(message)
    if (message.type !== 'text' || this.#modifiers.value.size === 0) return this.#send(message)
    const [first = '', ...rest] = message.text
    const stroke = { type: 'key', code: '', key: first } as const
    this.#press({ ...stroke, down: true })
    this.#release({ ...stroke, down: false })
    if (rest.length > 0) this.#send({ type: 'text', text: rest.join('') })
  }

  /** The host has been told to release everything. */
  clear(): void {
    this.#held.clear()
    this.#modifiers.set(new Set())
  }

  #press(message: InputMessage & { type: 'key' }): void {
    const name = message.code || message.key
    if (this.#held.has(name)) return
    const modifiers = softModifiers.filter((modifier) => this.#modifiers.value.has(modifier))
    this.#held.set(name, modifiers)
    if (modifiers.length > 0) this.#modifiers.set(new Set())
    for (const modifier of modifiers) this.#send(keyOf(modifier, true))
    this.#send(message)
  }

  #release(message: InputMessage & { type: 'key' }): void {
    const name = message.code || message.key
    const modifiers = this.#held.get(name)
    if (!modifiers) return
    this.#held.delete(name)
    this.#send(message)
    for (const modifier of modifiers.toReversed()) this.#send(keyOf(modifier, false))
  }
}

function keyOf(modifier: SoftModifier, down: boolean): InputMessage {
  return { type: 'key', code: `${modifier}Left`, key: modifier, down }
}
