import { CodedError } from '../../kernel/coded-error.ts'

/**
 * What became of a request: the `code` of the host's problem (RFC 9457), or `unreachable` when there was no answer and
 * `unexpected-answer` when it was not what the API promises.
 */
export class ApiError extends CodedError<string> {
  /** HTTP status, 0 without an answer. */
  readonly status: number

  constructor(code: string, message: string, options: ErrorOptions & { status: number }) {
    super(code, message, options)
    this.status = options.status
  }
}
