import { CodedError } from '../../kernel/coded-error.ts'

/** Why a host cannot be viewed. */
export type ViewErrorCode =
  /** Nobody answers there. */
  | 'unreachable'
  /** Who answers there, or is known under this name, has another key than the link tells. */
  | 'other-key'
  /** The host speaks another version of the transport, or of the conversation. */
  | 'version'
  /** The host has no room for one more, or lets nobody in for now. */
  | 'busy'
  /** The host does not know this device, and the link brings no invitation. */
  | 'not-invited'
  /** The invitation or the right to be there was taken back. */
  | 'revoked'
  | 'expired'
  /** The invitation has a PIN, and none was given. */
  | 'pin-required'
  | 'wrong-pin'
  /** The host says no for another reason, which is its own. */
  | 'refused'
  /** What there was of a connection is gone. */
  | 'lost'
  /** What this program keeps of itself and of hosts cannot be read or written. */
  | 'unusable-files'
  /** `close()` was called. */
  | 'closed'

export class ViewError extends CodedError<ViewErrorCode> {
  /** The host's own word for it, `invitation-used-up` for instance. */
  readonly hostCode: string | undefined

  constructor(code: ViewErrorCode, message: string, options?: ErrorOptions & { readonly hostCode?: string }) {
    super(code, message, options)
    this.hostCode = options?.hostCode
  }
}

const final: ReadonlySet<ViewErrorCode> = new Set([
  'other-key',
  'version',
  'not-invited',
  'revoked',
  'expired',
  'pin-required',
  'wrong-pin',
  'refused',
  'unusable-files',
  'closed',
])

/** Whether another try, as it is, comes to the same. */
export function isFinal(error: unknown): error is ViewError {
  return error instanceof ViewError && final.has(error.code)
}
