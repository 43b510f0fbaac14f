import type { Unsubscribe } from '../../kernel/readable.ts'
import { ClipboardAssembly, clipboardParts, type ClipboardPart } from '../../wire/signal/clipboard-parts.ts'
import { maxClipboardBytes } from '../../domain/clipboard.ts'
import type { ClientMessage, ServerMessage } from '../../wire/signal/messages.ts'
import { ClientError } from '../contract/client-error.ts'

/** What the app copies and pastes: text, at most 1 MiB of it. */
export interface Clipboard {
  /**
   * Makes `text` what the app pastes; resolves when it would. One text is under way at a time and one waits: a later one
   * takes its place. Rejects with a ClientError: `host-error` (the host's refusal), `too-large`, `superseded`,
   * `signalling-lost`, `closed`.
   */
  write(text: string): Promise<void>
  /** Calls `listener` with each text that the app copies from now on, through every reconnection. */
  onCopy(listener: (text: string) => void): Unsubscribe
}

type ClipboardMessage = Extract<ServerMessage, { type: 'clipboard' | 'clipboard-written' | 'clipboard-refused' }>

interface Write extends PromiseWithResolvers<void> {
  /** Those that are still to go; the first of them when the one before has been acknowledged. */
  readonly parts: ClipboardPart[]
}

/** The client's end of the two clipboard conversations. */
export class ClientClipboard implements Clipboard {
  readonly #tell: (message: ClientMessage) => boolean
  readonly #listeners = new Set<(text: string) => void>()
  readonly #assembly = new ClipboardAssembly()
  #underWay: Write | undefined
  #waiting: Write | undefined

  /** `tell` is false when there is nobody to tell now. */
  constructor(tell: (message: ClientMessage) => boolean) {
    this.#tell = tell
  }

  async write(text: string): Promise<void> {
    // A UTF-16 unit takes at least one byte; what is a little too long is counted by the host.
    if (text.length > maxClipboardBytes) {
      throw new ClientError('too-large', `Cannot copy more than ${maxClipboardBytes / 1024} KiB of text to the app`)
    }
    const write: Write = { parts: clipboardParts(text), ...Promise.withResolvers<void>() }
    this.#waiting?.reject(new ClientError('superseded', 'Another text took the place of this one'))
    this.#waiting = write
    this.#begin()
    await write.promise
  }

  onCopy(listener: (text: string) => void): Unsubscribe {
    const entry = (text: string) => listener(text)
    this.#listeners.add(entry)
    if (this.#listeners.size === 1) this.#tell({ type: 'clipboard-follow', on: true })
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) {
        this.#tell({ type: 'clipboard-follow', on: false })
      }
    }
  }

  /** A new signalling conversation has begun, and knows nothing of the one before. */
  greeted(): void {
    this.drop(new ClientError('signalling-lost', 'The connection was lost before the host had the text'))
    if (this.#listeners.size > 0) this.#tell({ type: 'clipboard-follow', on: true })
  }

  /** Nobody will acknowledge anything any more. */
  drop(error: ClientError): void {
    for (const write of [this.#underWay, this.#waiting]) write?.reject(error)
    this.#underWay = undefined
    this.#waiting = undefined
    this.#assembly.drop()
  }

  receive(message: ClipboardMessage): void {
    switch (message.type) {
      case 'clipboard-written':
        return this.#proceed()
      case 'clipboard-refused': {
        const { code, message: text } = message
        this.#underWay?.reject(new ClientError('host-error', text, { hostCode: code }))
        this.#underWay = undefined
        return this.#begin()
      }
      case 'clipboard': {
        const text = this.#assembly.add(message)
        this.#tell({ type: 'clipboard-taken' })
        if (text !== undefined) for (const listener of this.#listeners) listener(text)
      }
    }
  }

  #begin(): void {
    if (this.#underWay || !this.#waiting) return
    this.#underWay = this.#waiting
    this.#waiting = undefined
    this.#proceed()
  }

  /** Sends the next part, or ends with the last. */
  #proceed(): void {
    const write = this.#underWay
    const part = write?.parts.shift()
    if (write && part && this.#tell({ type: 'clipboard-write', ...part })) return
    this.#underWay = undefined
    if (part) write?.reject(new ClientError('signalling-lost', 'Cannot copy to the app: there is no connection'))
    else write?.resolve()
    this.#begin()
  }
}
