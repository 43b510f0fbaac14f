import { addressBytes, formatAddress, parseAddress, type WireAddress } from '../address-bytes.ts'
import { WireError } from '../wire-error.ts'

/** "192.0.2.1:4710", "[2001:db8::1]:4710". Throws WireError `malformed`: a name, for instance, is none. */
export function decodeEndpoint(text: string): WireAddress {
  const found = parseAddress(text)
  if (!found) throw new WireError('malformed', 'Cannot read an endpoint: wanted an IP address and a port')
  return found
}

/** Throws WireError `malformed` for what is no address: WireGuard takes no names. */
export function encodeEndpoint(endpoint: WireAddress): string {
  const text = formatAddress(endpoint)
  decodeEndpoint(text)
  return text
}

/** An IP address and how many of its bits count, "10.66.3.7/32". Throws WireError `malformed`. */
export function readAllowedIp(text: string): string {
  const [, address = '', bits = ''] = /^([\da-fA-F:.]+)\/(\d{1,3})$/.exec(text) ?? []
  const length = addressBytes(address)?.length
  if (length === undefined || Number(bits) > length * 8) {
    throw new WireError('malformed', 'Cannot read a range of addresses: wanted one like 10.66.3.7/32')
  }
  return text
}
