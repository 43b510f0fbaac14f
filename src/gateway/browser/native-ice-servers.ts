import type { NativeIceServer } from '../../viewer/link/messages.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import { BrowserGatewayError } from './contract/gateway-error.ts'

const defaultPort = 3478

/**
 * ICE servers as the WebRTC library takes them. TURN over TCP or TLS and STUN over TLS are left out: only browsers can
 * use them. Throws BrowserGatewayError `ice-server-invalid`.
 */
export function nativeIceServers(servers: readonly IceServer[]): NativeIceServer[] {
  return servers.flatMap(({ urls, username, credential }) =>
    [urls].flat().flatMap((url) => {
      // RFC 7064 and RFC 7065.
      const match = /^(stun|turn)(s?):(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i.exec(url)
      if (!match)
        throw new BrowserGatewayError('ice-server-invalid', `Cannot use ICE server ${url}: wanted stun: or turn:`)
      const [, scheme = '', secure, host = '', port, transport] = match
      if (secure || transport?.toLowerCase() === 'tcp') return []
      const address = { hostname: host.replace(/^\[|\]$/g, ''), port: port === undefined ? defaultPort : Number(port) }
      if (scheme.toLowerCase() === 'stun') return address
      return { ...address, username: username ?? '', password: credential ?? '', relayType: 'TurnUdp' as const }
    }),
  )
}
