/** What a paste on the display would give, as far as we know. */
export type Content =
  | { readonly by: 'nobody' }
  /** A text that was written from outside. */
  | { readonly by: 'us'; readonly text: string }
  /** A program has copied something. `text` is undefined while it is being fetched, and for what is no text. */
  | {
      readonly by: 'program'
      readonly text: string | undefined
      readonly atMs: number
      /** The text that was there before. */
      readonly before: string | undefined
    }

/** Until a text that was copied is known to be in the clipboard of whoever watches, in milliseconds. */
const wayBackMs = 1000

export function textOfContent(content: Content): string | undefined {
  return content.by === 'nobody' ? undefined : content.text
}

/**
 * Whether a program's content stays although `text` is written. Whoever pastes writes what is in the own clipboard
 * first. When that is what the program copied, the program's own copy is better: it may have more than text. When it is
 * what was there before, then what was copied since is newer, and has not come through or never will.
 */
export function staysAsCopied(content: Content, text: string, nowMs: number): boolean {
  if (content.by !== 'program') return false
  if (text === content.text) return true
  return text === content.before && (content.text === undefined || nowMs - content.atMs < wayBackMs)
}
