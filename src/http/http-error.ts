import { CodedError } from '../kernel/coded-error.ts'

/** What is wrong at one place of a body; `pointer` is a JSON pointer (RFC 6901). */
export interface BodyError {
  readonly pointer: string
  readonly detail: string
}

/** Why a request cannot be understood, whoever it is for. */
export type RequestFaultCode =
  | 'invalid-request'
  | 'malformed-json'
  | 'body-too-large'
  | 'unsupported-media-type'
  | 'method-not-allowed'

/** A request that is answered with a problem (RFC 9457); what serves it says with which status. */
export class HttpError<Code extends string = RequestFaultCode> extends CodedError<Code> {
  /** Headers that the answer carries beside the usual ones. */
  readonly headers: Readonly<Record<string, string>>
  /** What is wrong with the body, place by place. */
  readonly errors: readonly BodyError[]

  constructor(
    code: Code,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    errors: readonly BodyError[] = [],
  ) {
    super(code, message)
    this.headers = headers
    this.errors = errors
  }
}
