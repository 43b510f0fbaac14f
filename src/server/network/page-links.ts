import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { tokenFragmentKey } from '../../wire/api/link-fragment.ts'
import { isWildcard } from '../auth/allowed-hosts.ts'
import type { ServerConfig } from '../config/config.ts'
import { outerAddresses, type Interfaces } from './private-addresses.ts'

/**
 * Addresses of the page, the one to hand on first: the configured public ones, then those on the network when others are
 * let in (`opened`: by which they were while it runs), then the one for this machine. Only the last is plain HTTP where there
 * is TLS: what goes over loopback can be seen by nobody else, and browsers take it for secure.
 */
export function pageLinks(
  config: Pick<ServerConfig, 'host' | 'publicAddresses' | 'tls'>,
  port: number,
  { interfaces = networkInterfaces(), opened = [] }: { interfaces?: Interfaces; opened?: readonly string[] } = {},
): readonly string[] {
  const bound = isWildcard(config.host) ? outerAddresses(interfaces).map(({ address }) => address) : [config.host]
  const outer = isLoopback(config.host) ? opened : bound
  return [
    ...config.publicAddresses.map((address) => `${address}/`),
    ...easiest(outer).map((address) => linkOf(config, address, port)),
    ...(isLoopback(config.host) || isWildcard(config.host) ? [`http://localhost:${port}/`] : []),
  ]
}

/** Where the page is found by an address of this machine that others reach. */
export function linkOf({ tls }: Pick<ServerConfig, 'tls'>, address: string, port: number): string {
  return `${tls.kind === 'off' ? 'http' : 'https'}://${bracketed(address)}:${port}/`
}

/** A link that signs in whoever opens it; a fragment is never sent to a server, so it is in no log. */
export function linkWithToken(link: string, token: string): string {
  return `${link}#${tokenFragmentKey}=${token}`
}

/** Whether a server that is bound to it is for its own machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** IPv6 only where there is no IPv4, since nobody likes to type it. */
function easiest(addresses: readonly string[]): readonly string[] {
  const plain = addresses.filter((address) => !isIPv6(address))
  return plain.length > 0 ? plain : addresses
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
