import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'

/** Whether a request came by HTTPS to this server itself; what a proxy in front says of it is not known. */
export function isSecure({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
  return socket instanceof TLSSocket
}
