import { isIPv4 } from 'node:net'
import { isPrivate, privateAddresses, type Interfaces } from './private-addresses.ts'

/** Where others are told of this server: private addresses (IPv4) of its own at which it listens. */
export function announcedAddresses(bindAddress: string, interfaces: Interfaces): readonly string[] {
  const isEverywhere = bindAddress === '0.0.0.0' || bindAddress === '::'
  const addresses = isEverywhere ? privateAddresses(interfaces).map(({ address }) => address) : [bindAddress]
  return addresses.filter((address) => isIPv4(address) && isPrivate(address))
}
