import { CodedError } from '../../kernel/coded-error.ts'

/** One server-sent event. */
export interface SseEvent {
  /** `message` unless the stream says otherwise. */
  readonly event: string
  readonly data: string
}

export class SseError extends CodedError<'event-too-long'> {}

const defaultMaxChars = 1024 * 1024

/** Reads an event stream piece by piece (WHATWG HTML, section 9.2.6), whatever the pieces are cut at. */
export class SseParser {
  readonly #maxChars: number
  #rest = ''
  #atStart = true
  /** A line ended with the last character, a carriage return: a line feed that follows belongs to it. */
  #afterReturn = false
  #event = ''
  #data: string[] = []
  #chars = 0
  #id = ''
  #lastEventId = ''

  /** `maxChars` bounds one event, by default 1,048,576 characters. */
  constructor(options: { maxChars?: number } = {}) {
    this.#maxChars = options.maxChars ?? defaultMaxChars
  }

  /** Where the stream stands: what to begin after next time. Empty when it has not said so. */
  get lastEventId(): string {
    return this.#lastEventId
  }

  /** The events that this piece completes. Throws SseError `event-too-long`. */
  push(piece: string): SseEvent[] {
    let text = piece
    if (this.#atStart && text !== '') {
      if (text.startsWith('\uFEFF')) text = text.slice(1)
      this.#atStart = false
    }
    if (this.#afterReturn && text !== '') {
      if (text.startsWith('\n')) text = text.slice(1)
      this.#afterReturn = false
    }
    if (text.endsWith('\r')) this.#afterReturn = true

    const lines = (this.#rest + text).split(/\r\n|\n|\r/)
    this.#rest = lines.pop() ?? ''
    const events = lines.flatMap((line) => this.#line(line) ?? [])
    if (this.#chars + this.#rest.length > this.#maxChars) {
      throw new SseError(
        'event-too-long',
        `Cannot read the event stream: one event has over ${this.#maxChars} characters`,
      )
    }
    return events
  }

  #line(line: string): SseEvent | undefined {
    if (line === '') return this.#dispatch()
    this.#chars += line.length
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    return undefined
  }

  #dispatch(): SseEvent | undefined {
    const event: SseEvent = { event: this.#event || 'message', data: this.#data.join('\n') }
    const isEmpty = this.#data.length === 0
    this.#lastEventId = this.#id
    this.#event = ''
    this.#data = []
    this.#chars = 0
    return isEmpty ? undefined : event
  }
}
