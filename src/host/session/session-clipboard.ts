import { CodedError, messageOf } from '../../kernel/coded-error.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { Display, DisplayClipboard } from '../display/contract/display.ts'
import { HostError } from '../contract/host-error.ts'

/** A session's share of the clipboard of whatever display it plays on. */
export class SessionClipboard {
  readonly #listeners = new Set<(text: string) => void>()
  #clipboard: DisplayClipboard | undefined
  #stopFollowing: Unsubscribe = () => {}

  /** Turns to the display that is played on now; undefined when there is none. */
  use(display: Display | undefined): void {
    if (this.#clipboard === display?.clipboard) return
    this.#clipboard = display?.clipboard
    this.#follow()
  }

  /** Rejects with HostError `clipboard-unavailable` or `clipboard-too-large`. */
  async write(text: string): Promise<void> {
    const clipboard = this.#clipboard
    if (!clipboard) throw new HostError('clipboard-unavailable', 'Cannot copy to the app: there is none to see')
    try {
      await clipboard.write(text)
    } catch (error) {
      const isTooLarge = error instanceof CodedError && error.code === 'clipboard-too-large'
      throw new HostError(isTooLarge ? 'clipboard-too-large' : 'clipboard-unavailable', messageOf(error), {
        cause: error,
      })
    }
  }

  onCopy(listener: (text: string) => void): Unsubscribe {
    const entry = (text: string) => listener(text)
    this.#listeners.add(entry)
    this.#follow()
    return () => {
      this.#listeners.delete(entry)
      this.#follow()
    }
  }

  /** What nobody here wants to know is not read on the display either. */
  #follow(): void {
    this.#stopFollowing()
    const wanted = this.#listeners.size > 0 ? this.#clipboard : undefined
    const stop = wanted?.onCopy((text) => {
      for (const listener of this.#listeners) listener(text)
    })
    this.#stopFollowing = stop ?? (() => {})
  }
}
