import { parse } from 'smol-toml'
import { CodedError } from '../../kernel/coded-error.ts'

/** Where the keys of a TOML text begin. */
export interface TomlOutline {
  /** The line, counted from 1, on which what is at a path begins, or else the nearest table around it. */
  lineOf(path: readonly string[]): number
}

/** A text that is not parsed. */
export class OutlineError extends CodedError<'too-complex'> {
  /** Counted from 1. */
  readonly line: number

  constructor(line: number, message: string) {
    super('too-complex', message)
    this.line = line
  }
}

/** What a text may hold that is parsed at one go, on the thread that everything else waits for. */
const maxDepth = 16
/** Parts of keys, tables and lists. */
const maxParts = 50_000

/** A key of the text and what is below it. */
interface Entry {
  readonly line: number
  readonly below: Map<string, Entry>
}

/**
 * Goes through a TOML text (toml.io/en/v1.0.0) once, without making anything of its values: what the parser does not tell,
 * the places of keys, and what it would take long for. A text that is no TOML has an outline up to there, and perhaps
 * beyond; the parser says what is wrong with it.
 *
 * Throws OutlineError for more keys or deeper nesting than anybody writes.
 */
export function outlineOf(text: string): TomlOutline {
  const root: Entry = { line: 1, below: new Map() }
  const scanner = new Scanner(text)
  let table = root
  for (let statement = scanner.next(); statement; statement = scanner.next()) {
    const { line, path, isTable } = statement
    const entry = enter(isTable ? root : table, path, line)
    if (isTable) table = entry
  }
  return {
    lineOf(path) {
      let at = root
      for (const key of path) {
        const next = at.below.get(key)
        if (!next) break
        at = next
      }
      return at.line
    },
  }
}

function enter(from: Entry, path: readonly string[], line: number): Entry {
  let at = from
  for (const key of path) {
    let next = at.below.get(key)
    if (!next) at.below.set(key, (next = { line, below: new Map() }))
    at = next
  }
  return at
}

/** A table's header, or a key with its value, which ends it. */
interface Statement {
  readonly line: number
  readonly path: readonly string[]
  readonly isTable: boolean
}

class Scanner {
  readonly #text: string
  #at = 0
  #line = 1
  #parts = 0

  constructor(text: string) {
    this.#text = text
  }

  next(): Statement | undefined {
    this.#skipBlank(true)
    if (this.#at >= this.#text.length) return undefined
    const line = this.#line
    const isTable = this.#text[this.#at] === '['
    while (this.#text[this.#at] === '[') this.#at++
    const path = this.#readKey()
    this.#skipValue()
    return { line, path, isTable }
  }

  #count(): void {
    if (++this.#parts > maxParts) throw this.#tooComplex(`more than ${maxParts} keys and tables`)
  }

  #checkDepth(depth: number): void {
    if (depth > maxDepth) throw this.#tooComplex(`more than ${maxDepth} tables or lists in each other`)
  }

  #tooComplex(what: string): OutlineError {
    return new OutlineError(this.#line, `it has ${what}`)
  }

  /** Blanks and, between statements and in arrays, comments and line ends. */
  #skipBlank(acrossLines: boolean): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]
      if (character === '\n' && acrossLines) this.#line++
      else if (character === '#' && acrossLines) this.#at = this.#endOfLine() - 1
      else if (character !== ' ' && character !== '\t' && character !== '\r') return
    }
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end === -1 ? this.#text.length : end
  }

  /** The parts of a dotted key; none where no key is. */
  #readKey(): readonly string[] {
    const parts: string[] = []
    for (;;) {
      this.#skipBlank(false)
      const part = this.#readPart()
      if (part === undefined) return parts
      parts.push(part)
      this.#count()
      this.#checkDepth(parts.length)
      this.#skipBlank(false)
      if (this.#text[this.#at] !== '.') return parts
      this.#at++
    }
  }

  #readPart(): string | undefined {
    const quote = this.#text[this.#at]
    const begin = this.#at
    if (quote === '"' || quote === "'") {
      this.#skipString(quote)
      const raw = this.#text.slice(begin, this.#at)
      return raw.includes('\\') ? unescaped(raw) : raw.slice(1, -1)
    }
    while (/[\w-]/.test(this.#text[this.#at] ?? '')) this.#at++
    return this.#at === begin ? undefined : this.#text.slice(begin, this.#at)
  }

  /** Up to the end of the statement: the end of a line that is in no array, table or string. */
  #skipValue(): void {
    /** What is open, innermost last. */
    const open: string[] = []
    /** Parts of the key that is being read, in a table. */
    let keyParts = 0
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]
      if (character === '\n' && open.length === 0) return
      if (character === '\n') this.#line++
      else if (character === '#') this.#at = this.#endOfLine() - 1
      else if (character === '"' || character === "'") {
        this.#skipString(character)
        this.#at--
      } else if (character === '[' || character === '{') {
        open.push(character)
        keyParts = 0
        this.#count()
        this.#checkDepth(open.length)
      } else if (character === ']' || character === '}') open.pop()
      else if (open.at(-1) === '{') {
        if (character === ',') keyParts = 0
        if (character === '.' || character === '=') {
          this.#count()
          this.#checkDepth(++keyParts)
        }
      }
    }
  }

  /** From an opening quote to behind the closing one, of one line or of several. */
  #skipString(quote: string): void {
    const isLong = this.#text.startsWith(quote.repeat(3), this.#at)
    const closing = isLong ? quote.repeat(3) : quote
    this.#at += closing.length
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]
      if (character === '\\' && quote === '"') this.#at++
      else if (character === '\n' && !isLong) return
      else if (this.#text.startsWith(closing, this.#at)) {
        this.#at += closing.length
        // Up to two quotes may stand before the closing ones.
        if (isLong) while (this.#text[this.#at] === quote) this.#at++
        return
      }
      if (this.#text[this.#at] === '\n') this.#line++
    }
  }
}

function unescaped(quoted: string): string {
  try {
    const { key } = parse(`key = ${quoted}`)
    return typeof key === 'string' ? key : quoted
  } catch {
    return quoted
  }
}
