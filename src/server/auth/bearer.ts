import { bearerSubprotocolPrefix, signalSubprotocol } from '../../wire/signal/messages.ts'
import { ticketSubprotocolPrefix, webMediaSubprotocol } from '../../wire/web-media/subprotocol.ts'

/** The token of an `Authorization: Bearer` header (RFC 6750, section 2.1); undefined when there is none of that kind. */
export function bearerOfHeader(header: string | undefined): string | undefined {
  const match = header && /^bearer +([\w.~+/-]+=*) *$/i.exec(header)
  return match ? match[1] : undefined
}

/**
 * The token of a WebSocket's subprotocol list, `porchlight.v1, bearer.<token>`: a browser cannot set headers on a
 * WebSocket, and a URL would be logged. `speaksSignal` tells whether the list offers the signalling protocol at all.
 */
export function bearerOfSubprotocols(header: string | undefined): { speaksSignal: boolean; token: string | undefined } {
  const offered = (header ?? '').split(',', 8).map((name) => name.trim())
  const bearer = offered.find((name) => name.startsWith(bearerSubprotocolPrefix))
  return { speaksSignal: offered.includes(signalSubprotocol), token: bearer?.slice(bearerSubprotocolPrefix.length) }
}

/** The ticket of a media socket's subprotocol list, `porchlight-media.v1, ticket.<ticket>`. */
export function ticketOfSubprotocols(header: string | undefined): { speaksMedia: boolean; ticket: string | undefined } {
  const offered = (header ?? '').split(',', 8).map((name) => name.trim())
  const ticket = offered.find((name) => name.startsWith(ticketSubprotocolPrefix))
  return { speaksMedia: offered.includes(webMediaSubprotocol), ticket: ticket?.slice(ticketSubprotocolPrefix.length) }
}
