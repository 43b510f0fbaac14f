import { messageOf } from '../coded-error.ts'
import { SessionError } from './contract/session-error.ts'
import type { SessionEvent } from './contract/session-event.ts'

/**
 * Tells one listener what happens, in the order of the steps: the events of a step that the listener itself makes come
 * after all those of the step that it was told of.
 */
export class EventOutlet {
  readonly #listener: (event: SessionEvent) => void
  readonly #queue: SessionEvent[] = []
  readonly #failures: { readonly error: unknown }[] = []
  #telling = false

  constructor(listener: (event: SessionEvent) => void) {
    this.#listener = listener
  }

  /** Tells the events of one step. Throws `listener-failed` with what the listener threw first, when all were told. */
  tell(first: SessionEvent, second?: SessionEvent, third?: SessionEvent): void {
    if (this.#telling) {
      this.#queue.push(first)
      if (second) this.#queue.push(second)
      if (third) this.#queue.push(third)
      return
    }
    this.#telling = true
    this.#one(first)
    if (second) this.#one(second)
    if (third) this.#one(third)
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#one(next)
    this.#telling = false
    if (this.#failures.length === 0) return
    const [failure] = this.#failures.splice(0)
    throw new SessionError('listener-failed', `Who listens to sessions has failed: ${messageOf(failure?.error)}`, {
      cause: failure?.error,
    })
  }

  #one(event: SessionEvent): void {
    try {
      this.#listener(event)
    } catch (error) {
      this.#failures.push({ error })
    }
  }
}
