import { maxClipboardBytes } from '../../domain/clipboard.ts'
import { WireError } from '../wire-error.ts'

/**
 * Text of a clipboard travels in parts, each acknowledged before the next goes out: what is under way is one message,
 * whatever the size of the text.
 */
export interface ClipboardPart {
  readonly text: string
  /** False for the last part. */
  readonly more: boolean
}

/** The longest part, in bytes of JSON; a message has a few more. */
const maxPartBytes = 96 * 1024

/** Longest `text` of a part in UTF-16 units, each of which takes at least one byte. */
export const maxPartUnits = maxPartBytes

/** Cuts a text, never through a character. An empty text is one empty part. */
export function clipboardParts(text: string): ClipboardPart[] {
  const texts: string[] = []
  let begin = 0
  let bytes = 0
  let at = 0
  for (const character of text) {
    const more = jsonBytes(character)
    if (bytes + more > maxPartBytes) {
      texts.push(text.slice(begin, at))
      begin = at
      bytes = 0
    }
    bytes += more
    at += character.length
  }
  texts.push(text.slice(begin))
  return texts.map((part, index) => ({ text: part, more: index < texts.length - 1 }))
}

/** At most so many bytes does a character take in JSON. */
function jsonBytes(character: string): number {
  const code = character.codePointAt(0) ?? 0
  const isEscaped = code < 0x20 || character === '"' || character === '\\' || (code >= 0xd800 && code <= 0xdfff)
  if (isEscaped) return 6
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}

/** Puts the parts of a text together again. */
export class ClipboardAssembly {
  #parts: string[] = []
  #bytes = 0

  /** The text once its last part has come. Throws WireError `too-long`; the next part then begins another text. */
  add({ text, more }: ClipboardPart): string | undefined {
    this.#bytes += new TextEncoder().encode(text).length
    if (this.#bytes > maxClipboardBytes) {
      this.drop()
      throw new WireError('too-long', `Cannot take more than ${maxClipboardBytes} bytes of text`)
    }
    if (text !== '') this.#parts.push(text)
    if (more) return undefined
    const whole = this.#parts.join('')
    this.drop()
    return whole
  }

  /** Forgets what has come so far. */
  drop(): void {
    this.#parts = []
    this.#bytes = 0
  }
}
