import { addressBytes, addressText } from '../address-bytes.ts'
import { WireError } from '../wire-error.ts'

/** A datagram with its IPv4 and UDP headers read. */
export interface UdpPacket {
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
  readonly data: Uint8Array
}

const ipBytes = 20
const udpBytes = 8
const udpProtocol = 17
const timeToLive = 64
export const mostUdpDataBytes = 65_535 - ipBytes - udpBytes

/**
 * Reads a whole packet (RFC 791, RFC 768); options are passed over.
 *
 *     | 4, words of the head (8) | - (8) | length (16) | id (16) | flags, offset (16) | ttl (8) | 17 (8) | checksum (16) |
 *     | source (32) | destination (32) | options ... | source port (16) | destination port (16) | length (16) | checksum (16) | data ...
 *
 * Throws WireError: `unknown-type` for another protocol, `malformed` for a fragment too: there is no reading it alone.
 */
export function decodeUdpPacket(bytes: Uint8Array): UdpPacket {
  if (bytes.length < ipBytes + udpBytes) throw new WireError('too-short', 'Cannot read a datagram: it has no headers')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headBytes = ((bytes[0] as number) & 15) * 4
  if ((bytes[0] as number) >> 4 !== 4 || bytes[9] !== udpProtocol) {
    throw new WireError('unknown-type', 'Cannot read a packet: it is not UDP over IPv4')
  }
  const total = view.getUint16(2)
  if (headBytes < ipBytes || total < headBytes + udpBytes || total > bytes.length) throw contradicts()
  if ((view.getUint16(6) & 0x3fff) !== 0) throw new WireError('malformed', 'Cannot read a packet: it is a fragment')
  const length = view.getUint16(headBytes + 4)
  if (length < udpBytes || headBytes + length > total) throw contradicts()
  return {
    source: addressText(bytes.subarray(12, 16)),
    sourcePort: view.getUint16(headBytes),
    destination: addressText(bytes.subarray(16, 20)),
    destinationPort: view.getUint16(headBytes + 2),
    data: bytes.subarray(headBytes + udpBytes, headBytes + length),
  }
}

/** With both checksums. Throws WireError `out-of-range` for addresses that are not IPv4, `too-long` for more data than fits. */
export function encodeUdpPacket({ source, sourcePort, destination, destinationPort, data }: UdpPacket): Uint8Array {
  if (data.length > mostUdpDataBytes)
    throw new WireError('too-long', `A datagram has at most ${mostUdpDataBytes} bytes`)
  const udpLength = udpBytes + data.length
  const bytes = new Uint8Array(ipBytes + udpLength)
  const view = new DataView(bytes.buffer)
  bytes[0] = 0x45
  view.setUint16(2, bytes.length)
  bytes[8] = timeToLive
  bytes[9] = udpProtocol
  bytes.set(ipv4(source), 12)
  bytes.set(ipv4(destination), 16)
  view.setUint16(10, fold(sumOf(bytes.subarray(0, ipBytes))))
  view.setUint16(ipBytes, sourcePort)
  view.setUint16(ipBytes + 2, destinationPort)
  view.setUint16(ipBytes + 4, udpLength)
  bytes.set(data, ipBytes + udpBytes)
  const sum = sumOf(bytes.subarray(12, 20)) + udpProtocol + udpLength + sumOf(bytes.subarray(ipBytes))
  // Zero would say that there is none.
  view.setUint16(ipBytes + 6, fold(sum) || 0xffff)
  return bytes
}

function ipv4(text: string): Uint8Array {
  const bytes = addressBytes(text)
  if (bytes?.length === 4) return bytes
  throw new WireError('out-of-range', 'Cannot write a packet: wanted an address of IPv4')
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0)
  return sum
}

/** The complement of a sum in ones' complement (RFC 1071). */
function fold(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded & 0xffff)
  return ~folded & 0xffff
}

function contradicts(): WireError {
  return new WireError('malformed', 'Cannot read a datagram: its lengths contradict each other')
}
