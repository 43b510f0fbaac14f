/** Longest part of a line that is kept, in characters. */
const maxLineLength = 1000

/** The last lines of a stream of text, bounded in number and length. */
export class LastLines {
  readonly #capacity: number
  readonly #lines: string[] = []
  /** The line whose end has not come yet. */
  #rest = ''

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Oldest first; the last one may still be growing. */
  get lines(): readonly string[] {
    return this.#rest === '' ? [...this.#lines] : [...this.#lines, this.#rest].slice(-this.#capacity)
  }

  push(text: string): void {
    const parts = text.split(/\r?\n/)
    const rest = parts.pop() ?? ''
    for (const part of parts) {
      this.#keep(this.#rest + part)
      this.#rest = ''
    }
    this.#rest = (this.#rest + rest).slice(0, maxLineLength)
  }

  #keep(line: string): void {
    if (line.trim() === '') return
    this.#lines.push(line.slice(0, maxLineLength))
    if (this.#lines.length > this.#capacity) this.#lines.shift()
  }
}
