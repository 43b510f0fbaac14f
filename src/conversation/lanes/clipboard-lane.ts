import type { StreamSession } from '../../host/contract/stream-session.ts'
import { CodedError, messageOf } from '../../kernel/coded-error.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import { ClipboardAssembly, clipboardParts, type ClipboardPart } from '../../wire/signal/clipboard-parts.ts'
import type { ServerMessage } from '../../wire/signal/messages.ts'

export interface ClipboardLaneOptions {
  readonly send: (message: ServerMessage) => void
}

/**
 * The clipboard of one signalling conversation: puts together what the client writes, and tells what the app copies, one
 * acknowledged part at a time. What is copied while a text is on its way replaces what waits.
 */
export class ClipboardLane {
  readonly #send: (message: ServerMessage) => void
  readonly #assembly = new ClipboardAssembly()
  #session: StreamSession | undefined
  #isFollowing = false
  #stopFollowing: Unsubscribe = () => {}
  /** Parts that are still to go; the first of them when the client has taken the one before. */
  #parts: ClipboardPart[] = []
  #isUnderWay = false
  #waiting: string | undefined

  constructor({ send }: ClipboardLaneOptions) {
    this.#send = send
  }

  /** Turns to the session that the conversation is about now. */
  use(session: StreamSession): void {
    this.#session = session
    if (this.#isFollowing) this.follow(true)
  }

  /** Whether to tell what the app copies. */
  follow(on: boolean): void {
    this.#stopFollowing()
    this.#isFollowing = false
    this.#waiting = undefined
    if (!on) return
    const stop = this.#session?.onCopy((text) => this.#tell(text))
    this.#stopFollowing = stop ?? (() => {})
    this.#isFollowing = true
  }

  /** A part of what the client writes. */
  async write(part: ClipboardPart): Promise<void> {
    try {
      const text = this.#assembly.add(part)
      if (text !== undefined) await this.#session?.writeClipboard(text)
      this.#send({ type: 'clipboard-written' })
    } catch (error) {
      this.#assembly.drop()
      if (!(error instanceof CodedError)) throw error
      this.#send({ type: 'clipboard-refused', code: error.code, message: messageOf(error) })
    }
  }

  /** The client has taken the part that was under way. */
  taken(): void {
    this.#isUnderWay = false
    this.#proceed()
  }

  close(): void {
    this.#stopFollowing()
    this.#assembly.drop()
    this.#parts = []
    this.#waiting = undefined
  }

  #tell(text: string): void {
    this.#waiting = text
    this.#proceed()
  }

  #proceed(): void {
    if (this.#isUnderWay) return
    if (this.#parts.length === 0 && this.#waiting !== undefined) {
      this.#parts = clipboardParts(this.#waiting)
      this.#waiting = undefined
    }
    const part = this.#parts.shift()
    if (!part) return
    this.#isUnderWay = true
    this.#send({ type: 'clipboard', ...part })
  }
}
