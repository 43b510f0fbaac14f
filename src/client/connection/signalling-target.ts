import { inviteParameter } from '../../wire/signal/messages.ts'
import { webMediaPath } from '../../wire/web-media/subprotocol.ts'
import { ClientError } from '../contract/client-error.ts'
import { parseFragment } from '../page/page-fragment.ts'

/** Where a host is reached and by what right. */
export interface SignallingTarget {
  /** Of the signalling WebSocket, without any secret. */
  readonly url: string
  /** Of the media WebSocket, which is beside it. */
  readonly mediaUrl: string
  /** Undefined for an address that brings none. */
  readonly token: string | undefined
  /** The lobby that the address names. */
  readonly lobbyId: string | undefined
}

/** What a WebSocket subprotocol may be made of (RFC 9110, section 5.6.2). */
const tokenShape = /^[\w!#$%&'*+.^`|~-]+$/

/**
 * Reads a signalling URL (`ws`, `wss`, or `http` and `https`, which mean the same) that may bring an invitation, as
 * `?invite=<token>` or as a share link does behind its `#`. What is secret in it is taken out: from here on it travels as a
 * subprotocol. Throws ClientError `invalid-argument`.
 */
export function signallingTarget(signallingUrl: string, token?: string): SignallingTarget {
  const url = URL.canParse(signallingUrl) ? new URL(signallingUrl) : undefined
  if (!url || !/^(ws|http)s?:$/.test(url.protocol)) {
    throw new ClientError(
      'invalid-argument',
      'Cannot use the signalling URL: wanted ws://, wss://, http:// or https://',
    )
  }
  const fragment = parseFragment(url.hash)
  const bearer = token ?? url.searchParams.get(inviteParameter) ?? fragment.invite ?? fragment.token
  if (bearer !== undefined && !tokenShape.test(bearer)) {
    throw new ClientError(
      'invalid-argument',
      'Cannot use the token: it has characters that no token has, a space for instance',
    )
  }
  url.protocol = url.protocol.replace('http', 'ws')
  url.searchParams.delete(inviteParameter)
  url.hash = ''
  const media = new URL(webMediaPath, url)
  media.search = ''
  return { url: url.href, mediaUrl: media.href, token: bearer, lobbyId: fragment.lobbyId }
}
