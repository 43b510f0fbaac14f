import { apiPrefix } from '../../wire/api/resources.ts'

/** Where the host at `baseUrl` takes signalling: `wss://host/api/v1/signal`. */
export function signallingUrl(baseUrl: string): string {
  const url = new URL(`${apiPrefix}/signal`, baseUrl)
  url.protocol = url.protocol.replace('http', 'ws')
  return url.href
}
