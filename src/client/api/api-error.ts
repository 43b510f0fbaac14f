import { CodedError } from '../../kernel/coded-error.ts'

export interface PlacedError {
  readonly pointer: string
  readonly detail: string
}

/**
 * What became of a request: the `code` of the host's problem (RFC 9457), or `unreachable` when there was no answer and
 * `unexpected-answer` when it was not what the API promises.
 */
export class ApiError extends CodedError<string> {
  /** HTTP status, 0 without an answer. */
  readonly status: number
  /** What is wrong with what was sent, by the JSON pointer (RFC 6901) of each place. */
  readonly errors: readonly PlacedError[]
  /** Of `unauthenticated`, why the token opens nothing: `unknown`, `expired`, `revoked`, `removed` or `not-redeemed`. */
  readonly reason: string | undefined

  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { status: number; errors?: readonly PlacedError[]; reason?: string | undefined },
  ) {
    super(code, message, options)
    this.status = options.status
    this.errors = options.errors ?? []
    this.reason = options.reason
  }
}
