import { CodedError } from '../../../kernel/coded-error.ts'

export type BrowserGatewayErrorCode =
  /** An ICE server's address cannot be read. */
  | 'ice-server-invalid'
  /** A session description or candidate contradicts its grammar. */
  | 'sdp-malformed'
  /** A session description is longer than any browser's. */
  | 'sdp-too-large'
  /** A session description asks for what this gateway does not do. */
  | 'sdp-unsupported'
  /** The offer has no codec that this host can send. */
  | 'no-usable-codec'
  /** A media socket was closed, or its client takes nothing any more. */
  | 'media-socket-lost'
  /** The gateway is closing. */
  | 'gateway-closed'

/** What the browser gateway could not do. Messages never repeat what a client sent. */
export class BrowserGatewayError extends CodedError<BrowserGatewayErrorCode> {}
