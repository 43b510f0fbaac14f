import { CodedError } from '../../kernel/coded-error.ts'

/** Why a request was refused; each has its HTTP status in `problem.ts`. */
export type ApiErrorCode =
  | 'unauthenticated'
  | 'not-redeemed'
  | 'too-many-attempts'
  | 'forbidden'
  | 'origin-not-allowed'
  | 'host-not-allowed'
  | 'token-in-url'
  | 'not-found'
  | 'session-not-found'
  | 'record-not-found'
  | 'invitation-not-found'
  | 'invitation-used-up'
  | 'invitation-destroyed'
  | 'invitation-expired'
  | 'invitation-revoked'
  | 'name-not-allowed'
  | 'pin-required'
  | 'wrong-pin'
  | 'too-many-guests'
  | 'too-many-invitations'
  | 'member-not-found'
  | 'device-not-found'
  | 'moonlight-off'
  | 'member-removed'
  | 'icon-not-found'
  | 'method-not-allowed'
  | 'invalid-request'
  | 'malformed-json'
  | 'body-too-large'
  | 'unsupported-media-type'
  | 'too-many-streams'
  | 'too-many-connections'
  | 'too-many-requests'
  | 'too-many-sessions'
  | 'busy'
  | 'not-a-websocket'
  | 'idempotency-key-reused'
  | 'idempotency-key-busy'
  | 'too-many-keys'
  | 'closing'

/** What is wrong at one place of a body; `pointer` is a JSON pointer (RFC 6901). */
export interface BodyError {
  readonly pointer: string
  readonly detail: string
}

/** A request that is answered with a problem (RFC 9457). */
export class ApiError extends CodedError<ApiErrorCode> {
  /** Headers that the answer carries beside the usual ones. */
  readonly headers: Readonly<Record<string, string>>
  /** What is wrong with the body, place by place. */
  readonly errors: readonly BodyError[]
  /** Which case of the code it is, where that matters to a program. */
  readonly reason: string | undefined = undefined

  constructor(
    code: ApiErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    errors: readonly BodyError[] = [],
  ) {
    super(code, message)
    this.headers = headers
    this.errors = errors
  }
}
