import { CodedError } from '../coded-error.ts'

/** Why a typed session refuses something. Nothing has changed when one of these is thrown. */
export class SessionError extends CodedError<
  | 'duplicate-role'
  | 'unknown-role'
  | 'malformed-role'
  | 'arity-mismatch'
  | 'missing-handler'
  | 'unmatched-edge'
  | 'lossy-edge'
  | 'too-many-sessions'
  | 'unknown-session'
  | 'stale-epoch'
  | 'not-owner'
  | 'not-active'
  | 'removed-endpoint'
  | 'unexpected-action'
  | 'invalid-payload'
  | 'endpoint-spent'
  | 'forged'
  | 'unsignable'
  | 'handler-refused'
> {}
