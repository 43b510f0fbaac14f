import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { sourceOf } from '../net/udp/source-of.ts'

const loopbackV6 = sourceOf('::1')

/** Whether a source is this machine itself. */
export function isLoopback(source: string): boolean {
  return source.startsWith('127.') || source === loopbackV6
}

/**
 * Where a request comes from, as a source. A proxy on this machine says for whom it asks (`X-Forwarded-For`, of which it has written the
 * last address); nobody else is believed.
 */
export function visitorOf({
  socket,
  headers,
}: Pick<IncomingMessage, 'headers'> & { socket: { remoteAddress?: string | undefined } }): string {
  const source = sourceOf(socket.remoteAddress ?? '')
  const told = isLoopback(source) ? String(headers['x-forwarded-for'] ?? '') : ''
  const last = told.slice(told.lastIndexOf(',') + 1).trim()
  return isIP(last) === 0 ? source : sourceOf(last)
}
