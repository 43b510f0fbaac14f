import { apiPrefix } from '../../wire/api/resources.ts'
import { addressBelow } from '../contract/address-below.ts'

/** Where the host at `baseUrl`, which may be in a folder, takes signalling: `wss://host/api/v1/signal`. */
export function signallingUrl(baseUrl: string): string {
  const url = addressBelow(baseUrl, `${apiPrefix}/signal`)
  url.protocol = url.protocol.replace('http', 'ws')
  return url.href
}
