import { messageOf } from '../coded-error.ts'
import { frozenValue } from '../frozen-value.ts'
import { MachineError } from './machine-error.ts'

/**
 * What the registers of a machine may hold: values that JSON carries and that nobody can change, so that what a trace says
 * of them stays true, and reads the same from a file.
 */
export class Values {
  readonly #kept = new WeakSet<object>()
  readonly #literals = new WeakMap<object, unknown>()

  /** The value as one of these: itself where it is one already, or else a copy. Throws `untraceable`, with the place. */
  keep(value: unknown, place: string): unknown {
    if (value === undefined || value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'object' && this.#kept.has(value)) return value
    try {
      const kept = frozenValue(value, place)
      if (typeof kept === 'object' && kept !== null) this.#kept.add(kept)
      return kept
    } catch (error) {
      throw new MachineError('untraceable', messageOf(error), { cause: error })
    }
  }

  /** A value that is written in the program: copied once, however often its instruction runs. */
  literal(value: unknown, place: string): unknown {
    if (typeof value !== 'object' || value === null) return this.keep(value, place)
    const known = this.#literals.get(value)
    if (known !== undefined) return known
    const kept = this.keep(value, place)
    this.#literals.set(value, kept)
    return kept
  }
}
