/**
 * The base of every part's one error class: `class HostError extends CodedError<'lobby-not-found' | ...> {}`.
 * The message says what was tried, what was found and what was wanted; `code` is for programs.
 */
export class CodedError<Code extends string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
