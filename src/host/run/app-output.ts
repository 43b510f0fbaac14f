import { stripVTControlCharacters } from 'node:util'
import type { Clock } from '../../kernel/clock.ts'
import type { OutputLine } from '../contract/lobby.ts'

const maxLines = 1000
const maxCharacters = 128 * 1024
/** Longest part of a line that is kept, in characters. */
const maxLineLength = 1000

/**
 * What the runs of one lobby's app have printed, one after the other: the last 1,000 lines, 128 k characters at most. A
 * line is there when its end has come.
 */
export class AppOutput {
  readonly #clock: Clock
  readonly #lines: OutputLine[] = []
  #characters = 0
  #count = 0
  /** The line whose end has not come yet. */
  #rest = ''

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Oldest first; only those with a higher number than `after`. */
  lines(after = 0): readonly OutputLine[] {
    const first = this.#lines[0]?.number ?? 1
    return this.#lines.slice(Math.max(0, after + 1 - first))
  }

  /** Text as it comes from the app. */
  write(text: string): void {
    const parts = text.split(/\r\n|[\r\n]/)
    const rest = parts.pop() ?? ''
    for (const part of parts) {
      this.#keep('app', this.#rest + part)
      this.#rest = ''
    }
    this.#rest = (this.#rest + rest).slice(0, maxLineLength)
  }

  /** A line of the host's own. What the app has printed of its last line is ended by it. */
  note(text: string): void {
    this.#keep('app', this.#rest)
    this.#rest = ''
    this.#keep('host', text)
  }

  #keep(source: OutputLine['source'], line: string): void {
    const text = printable(line)
    if (text.trim() === '') return
    this.#lines.push({ number: ++this.#count, atMs: this.#clock.epochMs(), source, text })
    this.#characters += text.length
    while (this.#lines.length > maxLines || this.#characters > maxCharacters) {
      this.#characters -= this.#lines.shift()?.text.length ?? 0
    }
  }
}

/** Without what would move a terminal's cursor or change its colours or the writing direction. */
function printable(line: string): string {
  return stripVTControlCharacters(line.slice(0, maxLineLength))
    .toWellFormed()
    .replaceAll(/(?!\t)[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu, '')
}
