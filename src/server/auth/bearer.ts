import {
  bearerSubprotocolPrefix,
  inviteParameter,
  signalSubprotocol,
  versionSubprotocolPrefix,
} from '../../wire/signal/messages.ts'
import { rendezvousSubprotocol } from '../../wire/reach/protocol.ts'
import { ticketSubprotocolPrefix, webMediaSubprotocol } from '../../wire/web-media/subprotocol.ts'

/** The token of an `Authorization: Bearer` header (RFC 6750, section 2.1); undefined when there is none of that kind. */
export function bearerOfHeader(header: string | undefined): string | undefined {
  const match = header && /^bearer +([\w.~+/-]+=*) *$/i.exec(header)
  return match ? match[1] : undefined
}

/**
 * A token in the head of a request that nobody has read yet, wherever it may be; undefined when nothing looks like one. It
 * tells who might be asking, and lets nobody in.
 */
export function bearerOfHead(head: Buffer): string | undefined {
  return /^(?:authorization:[ \t]*bearer +|sec-websocket-protocol:[^\r\n]*\bbearer\.)([\w-]{43})/im.exec(
    head.toString('latin1'),
  )?.[1]
}

/** What a WebSocket is to be, and the secret that came with it. */
export interface SubprotocolOffer {
  /** A client that knows nothing but an address offers no subprotocol at all: it wants signalling (seed 003). */
  readonly speaks: 'signal' | 'media' | 'rendezvous' | 'neither'
  /** A token for signalling, a ticket for media. */
  readonly secret: string | undefined
  /** The fingerprint of the client's version of signalling, if it tells one. */
  readonly version: string | undefined
}

/**
 * Reads a WebSocket's subprotocol list: `porchlight.v1, bearer.<token>, conversation.<fingerprint>` or `porchlight-media.v1, ticket.<ticket>`. A browser
 * cannot set headers on a WebSocket, and a URL would be logged.
 */
export function readSubprotocols(header: string | undefined): SubprotocolOffer {
  const offered = (header ?? '')
    .split(',', 8)
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const after = (prefix: string) => offered.find((name) => name.startsWith(prefix))?.slice(prefix.length)
  const version = after(versionSubprotocolPrefix)
  if (offered.includes(webMediaSubprotocol)) return { speaks: 'media', secret: after(ticketSubprotocolPrefix), version }
  if (offered.includes(rendezvousSubprotocol)) return { speaks: 'rendezvous', secret: undefined, version }
  const speaks = offered.length === 0 || offered.includes(signalSubprotocol) ? 'signal' : 'neither'
  return { speaks, secret: after(bearerSubprotocolPrefix), version }
}

/** The invitation in an address for signalling, `/?invite=<token>`; undefined when there is none, or more than one. */
export function inviteOfAddress(address: string | undefined): string | undefined {
  const [, query = ''] = (address ?? '').split('?', 2)
  const [invite, ...more] = new URLSearchParams(query).getAll(inviteParameter)
  return more.length === 0 ? invite : undefined
}
