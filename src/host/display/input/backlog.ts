import type { InputEvent } from '../../../domain/input-event.ts'

/** Text that is being written, and how far it has come. */
export interface PendingText {
  readonly type: 'pending-text'
  readonly characters: readonly string[]
  written: number
  /** Told once: whether all of it was written. */
  readonly settle?: (isWritten: boolean) => void
}

export type Pending = Exclude<InputEvent, { type: 'text' | 'release-all' }> | PendingText

/** Events that can wait behind a text. */
const eventCapacity = 512
/** Characters of text that can wait: a long page, many seconds of writing. */
const characterCapacity = 20_000

/**
 * What a player has sent and cannot be done yet, because a text before it is still being written: a queue of two
 * capacities. Text that does not fit is refused (drop newest); anything else that does not fit is a sign of flooding.
 */
export class Backlog {
  readonly #pending: Pending[] = []
  #characters = 0

  get first(): Pending | undefined {
    return this.#pending[0]
  }

  /** Queues an event; false when there is no room. Motions that follow one another become one. */
  push(event: Pending): boolean {
    const last = this.#pending.at(-1)
    if (event.type === 'pointer' && last?.type === 'pointer') {
      this.#pending[this.#pending.length - 1] = event
      return true
    }
    const characters = event.type === 'pending-text' ? event.characters.length : 0
    if (this.#pending.length >= eventCapacity || this.#characters + characters > characterCapacity) return false
    this.#pending.push(event)
    this.#characters += characters
    return true
  }

  /** Removes the first one, which is done. */
  shift(): void {
    const event = this.#pending.shift()
    if (event?.type !== 'pending-text') return
    this.#characters -= event.characters.length
    event.settle?.(true)
  }

  /** Keeps only the texts. */
  dropEvents(): void {
    const texts = this.#pending.filter((event) => event.type === 'pending-text')
    this.#pending.splice(0, this.#pending.length, ...texts)
  }

  /** Forgets what waits. */
  clear(): void {
    const pending = this.#pending.splice(0)
    this.#characters = 0
    for (const event of pending) if (event.type === 'pending-text') event.settle?.(false)
  }
}
