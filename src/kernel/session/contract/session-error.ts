import { CodedError } from '../../coded-error.ts'
import type { SessionStatus } from './session-event.ts'

/**
 * Why a typed session refuses something. Nothing has changed when one of these is thrown, but for `listener-failed`: then
 * the step was made, and who listens to the store has thrown at the news.
 */
export class SessionError extends CodedError<
  | 'malformed-option'
  | 'duplicate-role'
  | 'unknown-role'
  | 'malformed-role'
  | 'malformed-type'
  | 'malformed-buffer'
  | 'arity-mismatch'
  | 'missing-handler'
  | 'unmatched-edge'
  | 'lossy-edge'
  | 'too-many-sessions'
  | 'unknown-session'
  | 'closed'
  | 'cancelled'
  | 'faulted'
  | 'stale-epoch'
  | 'not-owner'
  | 'removed-endpoint'
  | 'lost-peer'
  | 'unexpected-action'
  | 'missing-branch'
  | 'busy-endpoint'
  | 'invalid-payload'
  | 'endpoint-spent'
  | 'edge-full'
  | 'forged'
  | 'unsignable'
  | 'handler-refused'
  | 'listener-failed'
> {
  /** How the session ended, where that is why. */
  readonly status: EndStatus | undefined

  constructor(
    code: SessionError['code'],
    message: string,
    options: ErrorOptions & { readonly status?: EndStatus } = {},
  ) {
    super(code, message, options)
    this.status = options.status
  }
}

/** How a session ended. */
export type EndStatus = Extract<SessionStatus, { readonly kind: 'closed' | 'cancelled' | 'faulted' }>

/** The error of whoever wants something of a session that has ended. */
export function endedError(sid: number, protocol: string, status: EndStatus): SessionError {
  const why = status.kind === 'closed' ? 'has been closed' : `was ${status.kind}: ${status.reason}`
  return new SessionError(status.kind, `Session ${sid} ("${protocol}") ${why}`, { status })
}
