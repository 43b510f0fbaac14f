import { messageOf } from '../coded-error.ts'
import { SessionError } from './session-error.ts'
import type { SessionEvent } from './session-event.ts'

/**
 * Tells one listener what happens, in the order of the steps: the events of a step that the listener itself makes come
 * after all those of the step that it was told of.
 */
export class EventOutlet {
  readonly #listener: (event: SessionEvent) => void
  readonly #queue: SessionEvent[] = []
  #telling = false

  constructor(listener: (event: SessionEvent) => void) {
    this.#listener = listener
  }

  /** Tells the events of one step. Throws `listener-failed` with what the listener threw first, when all were told. */
  tell(first: SessionEvent, second?: SessionEvent, third?: SessionEvent): void {
    this.#queue.push(first)
    if (second) this.#queue.push(second)
    if (third) this.#queue.push(third)
    if (this.#telling) return
    const failures: unknown[] = []
    this.#telling = true
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      try {
        this.#listener(next)
      } catch (error) {
        failures.push(error)
      }
    }
    this.#telling = false
    if (failures.length === 0) return
    throw new SessionError('listener-failed', `Who listens to sessions has failed: ${messageOf(failures[0])}`, {
      cause: failures[0],
    })
  }
}
