import type { StreamSession } from '../../host/contract/stream-session.ts'
import { CodedError, messageOf } from '../../kernel/coded-error.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import { ClipboardAssembly, clipboardParts, type ClipboardPart } from '../../wire/signal/clipboard-parts.ts'
import type { Lane, LaneHandlers, Speech } from '../contract/lane.ts'

/**
 * The clipboard of one conversation: puts together what the client writes, and tells what the app copies, one
 * acknowledged part at a time. What is copied while a text is on its way replaces what waits.
 */
export class ClipboardLane implements Lane {
  readonly handlers: LaneHandlers<'clipboard-follow' | 'clipboard-write' | 'clipboard-taken'> = {
    'clipboard-follow': ({ on }) => this.#tellCopies(on),
    'clipboard-write': (part) => this.#write(part),
    'clipboard-taken': () => this.#proceed(),
  }
  readonly #speech: Speech
  readonly #assembly = new ClipboardAssembly()
  #session: StreamSession | undefined
  /** Undefined while the client is not to be told. */
  #stopTelling: Unsubscribe | undefined
  /** Parts that are still to go. */
  #parts: ClipboardPart[] = []
  /** The text that goes after them. */
  #waiting: string | undefined

  constructor(speech: Speech) {
    this.#speech = speech
  }

  follow(session: StreamSession): Unsubscribe {
    this.#session = session
    if (this.#stopTelling) this.#tellCopies(true)
    return () => {
      this.#session = undefined
      this.#stopTelling?.()
    }
  }

  close(): void {
    this.#tellCopies(false)
    this.#assembly.drop()
    this.#parts = []
  }

  #tellCopies(on: boolean): void {
    this.#stopTelling?.()
    this.#stopTelling = undefined
    this.#waiting = undefined
    if (!on) return
    const stop = this.#session?.onCopy((text) => {
      this.#waiting = text
      this.#proceed()
    })
    this.#stopTelling = stop ?? (() => {})
  }

  async #write(part: ClipboardPart): Promise<void> {
    try {
      const text = this.#assembly.add(part)
      if (text !== undefined) await this.#session?.writeClipboard(text)
      this.#speech.say({ type: 'clipboard-written' })
    } catch (error) {
      this.#assembly.drop()
      if (!(error instanceof CodedError)) throw error
      this.#speech.say({ type: 'clipboard-refused', code: error.code, message: messageOf(error) })
    }
  }

  /** The next part goes out when the client has taken the one before, which the protocol knows. */
  #proceed(): void {
    if (!this.#speech.may('clipboard')) return
    if (this.#parts.length === 0 && this.#waiting !== undefined) {
      this.#parts = clipboardParts(this.#waiting)
      this.#waiting = undefined
    }
    const part = this.#parts.shift()
    if (part) this.#speech.say({ type: 'clipboard', ...part })
  }
}
