import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../network/page-links.ts'
import { isSecure } from './is-secure.ts'
import { isProxied } from './secure-origin.ts'

/**
 * Whether nobody on the way can have read or changed a request: it came by HTTPS, from this machine itself, or from a page
 * that a proxy has by HTTPS under a configured origin.
 */
export function cameTrusted(request: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  if (isSecure(request)) return true
  const { origin } = request.headers
  if (origin?.startsWith('https:') && allowedOrigins.includes(origin)) return true
  return isLoopback(addressOf(request.socket.remoteAddress)) && !isProxied(request)
}

/** Whether a request came by an address that other machines reach as well. */
export function cameByNetwork({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
  return !isLoopback(addressOf(socket.localAddress))
}

function addressOf(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/i, '')
}
