import { networkInterfaces } from 'node:os'
import { mostCandidates } from '../../wire/reach/signals.ts'
import { addressBytes, type WireAddress } from '../../wire/address-bytes.ts'

/**
 * The IP addresses of this machine on the networks that it is in, but for those interfaces that `without` tells by name; its own loopback where it is in
 * none.
 */
export function interfaceAddresses(without: (interfaceName: string) => boolean = () => false): string[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, found = []]) => (without(name) ? [] : found))
  const outside = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
  return (outside.length > 0 ? outside : all).map(({ address }) => address)
}

/** Where a socket that is bound to `local` may be found within its networks. */
export function hostCandidates(local: WireAddress, addresses: readonly string[]): WireAddress[] {
  const { address, port } = local
  if (address !== '0.0.0.0' && address !== '::') return [local]
  const own = address === '::' ? addresses : addresses.filter((each) => !each.includes(':'))
  return own.slice(0, mostCandidates - 2).map((each) => ({ address: each, port }))
}

/**
 * Whether an address that the other end has told may be sent a check: a unicast one that is not this machine's own loopback, and no
 * port below 1024, where services are that did not ask for it. `own`: where this end may be found. `isTrusted`: this end has come to the other one,
 * which may be on the same machine.
 */
export function mayBeChecked({ address, port }: WireAddress, own: readonly WireAddress[], isTrusted = false): boolean {
  const bytes = addressBytes(address)
  if (!bytes || port < 1024) return false
  const [first = 0] = bytes
  const isFour = bytes.length === 4
  const isNowhere = isFour ? first === 0 || first >= 224 : first === 0xff || bytes.every((byte) => byte === 0)
  if (isNowhere) return false
  return !isLoopback(bytes) || isTrusted || own.some((each) => isLoopback(addressBytes(each.address) ?? bytes))
}

function isLoopback(bytes: Uint8Array): boolean {
  return bytes.length === 4 ? bytes[0] === 127 : bytes[15] === 1 && bytes.subarray(0, 15).every((byte) => byte === 0)
}
