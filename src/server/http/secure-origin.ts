import type { IncomingMessage } from 'node:http'
import { isSecure } from './is-secure.ts'

/** Headers by which proxies are known. */
const signsOfProxy = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'] as const

/**
 * Where the page that sent a request is found by HTTPS; undefined where that is not known. A configured origin of the same
 * name comes first. Else it is the same name and port, as the web port speaks both: unless a proxy, which may speak only
 * one, stands in between.
 */
export function secureOrigin(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  options: { allowedOrigins: readonly string[]; speaksTls: boolean },
): string | undefined {
  const { host } = request.headers
  const url = host === undefined ? null : URL.parse(`http://${host}`)
  if (!url) return undefined
  const configured = options.allowedOrigins.map((origin) => new URL(origin))
  const known = configured.find(({ protocol, hostname }) => protocol === 'https:' && hostname === url.hostname)
  if (known) return known.origin
  if (isProxied(request) || !options.speaksTls) return undefined
  const port = url.port || (isSecure(request) ? '443' : '80')
  return new URL(`https://${url.hostname}:${port}`).origin
}

/** Whether a proxy says that it has passed a request on; some say nothing. */
export function isProxied({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return signsOfProxy.some((name) => headers[name] !== undefined)
}
