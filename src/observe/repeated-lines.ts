/** Lines with the same message that are written within a minute. */
export const maxRepeats = 60
const periodMs = 60_000
/** Messages that are counted apart; they are the program's own, so that there are not many. */
const maxMessages = 512

interface Entry {
  readonly sinceMs: number
  written: number
  held: number
}

/** A message of which lines were held back. */
export interface HeldLines {
  readonly line: string
  readonly times: number
}

/**
 * Keeps a log from being written by whoever makes the program say the same again and again: of each message there are so many
 * lines a minute, and what is held back is counted.
 */
export class RepeatedLines {
  /** In the order of their beginning. */
  readonly #entries = new Map<string, Entry>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Whether a line with this message is written, and what was held back in minutes that are over. */
  next(message: string): { readonly isWritten: boolean; readonly held: readonly HeldLines[] } {
    const nowMs = this.#nowMs()
    const held = this.#takeOver(nowMs)
    const entry = this.#entries.get(message) ?? { sinceMs: nowMs, written: 0, held: 0 }
    this.#entries.set(message, entry)
    const isWritten = entry.written < maxRepeats
    if (isWritten) entry.written++
    else entry.held++
    return { isWritten, held }
  }

  #takeOver(nowMs: number): readonly HeldLines[] {
    const over: HeldLines[] = []
    for (const [message, { sinceMs, held }] of this.#entries) {
      if (nowMs - sinceMs < periodMs && this.#entries.size < maxMessages) break
      this.#entries.delete(message)
      if (held > 0) over.push({ line: message, times: held })
    }
    return over
  }
}
