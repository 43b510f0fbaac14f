import { HttpError, type RequestFaultCode } from '../../http/http-error.ts'

/** Why a request was refused; each has its HTTP status in `problem.ts`. */
export type ApiErrorCode =
  | RequestFaultCode
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
  | 'parties-off'
  | 'no-party'
  | 'in-a-party'
  | 'code-unknown'
  | 'peer-offline'
  | 'party-refused'
  | 'party-unreachable'

/** A request that is answered with a problem (RFC 9457). */
export class ApiError extends HttpError<ApiErrorCode> {
  /** Which case of the code it is, where that matters to a program. */
  readonly reason: string | undefined = undefined
}
