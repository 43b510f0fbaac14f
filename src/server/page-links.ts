import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import { tokenFragmentKey } from '../wire/api/link-fragment.ts'
import { isWildcard } from './auth/allowed-hosts.ts'
import type { ServerConfig } from './config.ts'

/** Interfaces as `os.networkInterfaces` tells them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * Addresses of the page, the one to hand on first: the configured public ones, then those on the network when others are
 * let in, then the one for this machine. Only the last is plain HTTP where there is TLS: what goes over loopback can be seen
 * by nobody else, and browsers take it for secure.
 */
export function pageLinks(
  config: Pick<ServerConfig, 'host' | 'publicAddresses' | 'tls'>,
  port: number,
  interfaces: Interfaces = networkInterfaces(),
): readonly string[] {
  const scheme = config.tls.kind === 'off' ? 'http' : 'https'
  const outer = isWildcard(config.host) ? networkAddresses(interfaces) : [bracketed(config.host)]
  return [
    ...config.publicAddresses.map((address) => `${address}/`),
    ...(isLoopback(config.host) ? [] : outer.map((name) => `${scheme}://${name}:${port}/`)),
    ...(isLoopback(config.host) || isWildcard(config.host) ? [`http://localhost:${port}/`] : []),
  ]
}

/** A link that signs in whoever opens it; a fragment is never sent to a server, so it is in no log. */
export function linkWithToken(link: string, token: string): string {
  return `${link}#${tokenFragmentKey}=${token}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** Addresses by which other machines reach this one; IPv6 only where there is no IPv4, since nobody likes to type it. */
function networkAddresses(interfaces: Interfaces): readonly string[] {
  const outer = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^(169\.254\.|fe80:)/i.test(address))
  const plain = outer.filter(({ family }) => family === 'IPv4')
  return (plain.length > 0 ? plain : outer).map(({ address }) => bracketed(address))
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
