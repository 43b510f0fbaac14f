/**
 * Media over the one web port: a WebSocket of its own beside signalling, so that neither waits for the other in one TCP
 * stream and a slow path's pictures never delay what is said. Both directions are binary.
 *
 * The socket is opened with a ticket that signalling has told (`web-media-ticket`): good for one use, for a short time and
 * for one session. It travels as the subprotocol `ticket.<ticket>`, never in the URL.
 */
export const webMediaSubprotocol = 'porchlight-media.v1'
export const ticketSubprotocolPrefix = 'ticket.'

/** Where a client opens it, beside the address of its signalling; the host takes it at any. */
export const webMediaPath = 'media'

/** Close codes of the WebSocket beside RFC 6455's own. */
export const webMediaCloseCode = {
  /** By the client: picture and input go on over another path, nothing is to be released. */
  moved: 4000,
  /** By the host: the last message broke the protocol; the reason says how. */
  protocolViolation: 4400,
  /** By the host: the session has ended, or another socket took the place of this one. */
  ended: 4403,
} as const
