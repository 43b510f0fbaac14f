import { WireError } from '../wire-error.ts'
import { decodeEndpoint, readAllowedIp } from './endpoint.ts'
import { readNatural } from './uapi.ts'
import type { WireGuardPeerStatus, WireGuardStatus } from './wireguard-device.ts'
import { decodeKey } from './wireguard-key.ts'

/**
 * What `wg show INTERFACE dump` prints (wg(8)), separated by tabs:
 *
 *     private-key  public-key  listen-port  fwmark
 *     public-key  preshared-key  endpoint  allowed-ips  latest-handshake  transfer-rx  transfer-tx  persistent-keepalive
 *
 * Throws WireError `malformed`.
 */
export function decodeWgDump(text: string): WireGuardStatus {
  const [own = '', ...peers] = text.replace(/\n$/, '').split('\n')
  const [privateKey = '', , port = '', , ...more] = own.split('\t')
  if (more.length > 0 || own.split('\t').length !== 4) throw wrongColumns()
  return { hasKey: privateKey !== '(none)', listenPort: readNatural(port, 65_535), peers: peers.map(readPeer) }
}

function readPeer(line: string): WireGuardPeerStatus {
  const columns = line.split('\t')
  if (columns.length !== 8) throw wrongColumns()
  const [key = '', , endpoint = '', ips = '', handshake = '', received = '', sent = '', keepalive = ''] = columns
  const handshakeS = readNatural(handshake)
  return {
    publicKey: decodeKey(key),
    endpoint: endpoint === '(none)' ? undefined : decodeEndpoint(endpoint),
    allowedIps: ips === '(none)' ? [] : ips.split(',').map(readAllowedIp),
    handshakeMs: handshakeS === 0 ? undefined : handshakeS * 1000,
    receivedBytes: readNatural(received),
    sentBytes: readNatural(sent),
    keepaliveS: keepalive === 'off' ? 0 : readNatural(keepalive, 65_535),
  }
}

function wrongColumns(): WireError {
  return new WireError(
    'malformed',
    'Cannot read what wg prints: wanted four columns of an interface and eight of a peer',
  )
}
