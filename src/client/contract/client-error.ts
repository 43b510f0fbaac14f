import { CodedError } from '../../kernel/coded-error.ts'

/** Why the client could not do something, or lost what it had. */
export type ClientErrorCode =
  /** A call that does not fit the present state. */
  | 'invalid-state'
  /** A value that cannot be used: a signalling URL that is none, an empty text. */
  | 'invalid-argument'
  /** The host could not be reached, or closed the connection without saying why. */
  | 'signalling-lost'
  /** The host answers by HTTP, but no WebSocket to it opens: something in between does not pass them on. */
  | 'websockets-blocked'
  /** The host did not answer in time. */
  | 'timeout'
  /** The media path could not be opened, or was lost. */
  | 'media-lost'
  /** WebRTC does not get through, and this machine cannot take media through the web port; the message says why. */
  | 'web-media-unavailable'
  /** One side said what the protocol does not allow. */
  | 'protocol-violation'
  /** Client and host are of versions that are not safe with each other; the message says what differs. */
  | 'incompatible-version'
  /** The token was refused, revoked or has expired. */
  | 'revoked'
  /** The token is that of a link with a PIN or a number of uses: it has to be redeemed for a token of one's own first. */
  | 'not-redeemed'
  /** The session was ended on the host. */
  | 'session-ended'
  /** The session was resumed by another client, on another device for instance. */
  | 'session-moved'
  /** The host said `error`; the message is its own and so is `hostCode`. */
  | 'host-error'
  /** Too much waits to be sent. */
  | 'queue-full'
  /** More than the host takes. */
  | 'too-large'
  /** A later call took the place of this one. */
  | 'superseded'
  /** `close()` was called. */
  | 'closed'

export class ClientError extends CodedError<ClientErrorCode> {
  /** The host's own code of a `host-error`, `lobby-not-found` for instance. */
  readonly hostCode: string | undefined

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions & { hostCode?: string }) {
    super(code, message, options)
    this.hostCode = options?.hostCode
  }
}

const final: ReadonlySet<ClientErrorCode> = new Set([
  'protocol-violation',
  'incompatible-version',
  'revoked',
  'not-redeemed',
  'session-ended',
  'session-moved',
])

/** True when trying again cannot help. */
export function isFinal(error: ClientError): boolean {
  return final.has(error.code)
}
