import type { StreamSession } from '../../../host/contract/stream-session.ts'
import { HostError } from '../../../host/contract/host-error.ts'
import type { Log } from '../../../kernel/log.ts'
import { maxTextUnits } from '../../../wire/signal/deliveries.ts'

/**
 * What a client of seed 003 says on the data channel that it opens itself: a message of text, `{ "type": "text", "text": … }`
 * or just words, is said in the session's lobby. Messages of other types are ignored, as its own server does.
 */
export class PlainTexts {
  readonly #session: () => StreamSession
  readonly #outbox: string
  readonly #log: Log
  #sequence = 0

  constructor(options: { session: () => StreamSession; random32: () => number; log: Log }) {
    // New for each connection, since each counts from 1.
    this.#outbox = `channel-${options.random32()}-${options.random32()}`
    this.#session = options.session
    this.#log = options.log
  }

  receive(message: string): void {
    const text = textOf(message)
    if (text === undefined) return
    const session = this.#session()
    const sequence = ++this.#sequence
    session
      .deliver(this.#outbox, [{ sequence, do: 'say', text: text.slice(0, maxTextUnits) }])
      .catch((error: unknown) => {
        if (!(error instanceof HostError)) this.#log.error('A text could not be said', { sessionId: session.id, error })
      })
  }
}

/** Undefined for what is no text. */
function textOf(message: string): string | undefined {
  const words = message.trim()
  if (!words.startsWith('{')) return words === '' ? undefined : words
  try {
    const value: unknown = JSON.parse(words)
    const isText = typeof value === 'object' && value !== null && 'type' in value && value.type === 'text'
    return isText && 'text' in value && typeof value.text === 'string' && value.text !== '' ? value.text : undefined
  } catch {
    return words
  }
}
