import { BlockList, isIPv6 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'

/** Interfaces as `os.networkInterfaces` tells them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** An address of this machine, and the interface that it belongs to. */
export interface OwnAddress {
  readonly address: string
  readonly interface: string
}

/** What the Internet does not lead to, other than a machine itself and one link (IANA's special-purpose address registries). */
const unrouted = new BlockList()
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  // Shared by customers of one provider, and by meshes such as Tailscale.
  ['100.64.0.0', 10],
  // For examples and measurements: laboratories and virtual machines have them.
  ['192.0.2.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
] as const) {
  unrouted.addSubnet(net, bits, 'ipv4')
}
unrouted.addSubnet('fc00::', 7, 'ipv6')

/** Whether an address is one that the Internet does not lead to. */
export function isPrivate(address: string): boolean {
  return unrouted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** Whether somebody who comes from there is on this machine, on its link or in a private network. */
export function isNear(address: string): boolean {
  return isPrivate(address) || /^(127\.|::1$|169\.254\.|fe[89ab]\w:)/i.test(address)
}

/** Addresses by which other machines may reach this one: neither its own loopback nor good for one link alone. */
export function outerAddresses(interfaces: Interfaces): readonly OwnAddress[] {
  return Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && !/^(169\.254\.|fe[89ab]\w:)/i.test(address))
      .map(({ address }) => ({ address, interface: name })),
  )
}

/** Those of them that the Internet does not lead to. */
export function privateAddresses(interfaces: Interfaces): readonly OwnAddress[] {
  return outerAddresses(interfaces).filter(({ address }) => isPrivate(address))
}

/**
 * What media is bound to while the network is let in: every interface, by `undefined`, unless one of them is on the Internet
 * itself; then one private address alone.
 */
export function mediaAddress(interfaces: Interfaces): string | undefined {
  const outer = outerAddresses(interfaces)
  const inner = outer.filter(({ address }) => isPrivate(address)).map(({ address }) => address)
  if (inner.length === outer.length) return undefined
  return inner.find((address) => !isIPv6(address)) ?? inner[0]
}
