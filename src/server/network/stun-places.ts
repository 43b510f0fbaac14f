import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { formatAddress, type WireAddress } from '../../wire/address-bytes.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import type { RelayPlace } from '../config/config-relays.ts'
import type { ServerConfig } from '../config/config.ts'

const stunPort = 3478
const mostServers = 8

/** Where STUN is answered by UDP, by name or address: the STUN and TURN servers of the configuration, and its relays. */
export function stunPlaces({ iceServers, relays }: Pick<ServerConfig, 'iceServers' | 'relays'>): WireAddress[] {
  const places = iceServers
    .flatMap(({ urls }) => [urls].flat())
    .flatMap((url) => {
      const match = /^(?:stun|turn):(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?/i.exec(url)
      if (!match?.[1]) return []
      return { address: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2] ?? stunPort) }
    })
  return [...places, ...relays.map(({ host, port }) => ({ address: host, port }))].slice(0, mostServers)
}

/**
 * For this host's own end of a browser's media: relays answer STUN, which says where it is seen from outside. A TURN server beside one
 * passes on what comes from an address for which its client asked permission (RFC 8656, section 9), so that the host has to tell its own.
 */
export function stunOfRelays(relays: readonly RelayPlace[]): IceServer[] {
  return relays.map(({ host, port }) => ({ urls: `stun:${host.includes(':') ? `[${host}]` : host}:${port}` }))
}

/** Rejects with what the system says. */
export async function addressOfPlace({ address, port }: WireAddress): Promise<WireAddress> {
  if (isIP(address)) return { address, port }
  const found = await lookup(address, { family: 4 })
  return { address: found.address, port }
}

/** Those of them that are known by an address now; of each other one it is told why not. */
export async function findStunServers(
  config: Pick<ServerConfig, 'iceServers' | 'relays'>,
  failed: (place: string, why: string) => void,
): Promise<WireAddress[]> {
  const found: WireAddress[] = []
  for (const place of stunPlaces(config)) {
    try {
      found.push(await addressOfPlace(place))
    } catch (error) {
      failed(formatAddress(place), messageOf(error))
    }
  }
  return found
}
