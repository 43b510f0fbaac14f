import { WireError } from '../wire-error.ts'
import { decodeEndpoint, encodeEndpoint, readAllowedIp } from './endpoint.ts'
import type { WireGuardChange, WireGuardPeerChange, WireGuardPeerStatus, WireGuardStatus } from './wireguard-device.ts'
import { decodeHexKey, encodeHexKey } from './wireguard-key.ts'

/**
 * The text that implementations of WireGuard outside of the kernel are asked with over their socket
 * (https://www.wireguard.com/xplatform/): lines of `key=value`, an empty line at the end of each request and each answer.
 *
 *     set=1             get=1             what an answer ends with:
 *     private_key=…                       errno=0
 *     public_key=…      one peer begins
 */
export const uapiGet = 'get=1\n\n'

/** Of an answer: 1,024 peers have a tenth of it. */
export const mostUapiBytes = 4 * 1024 * 1024
const mostPeers = 4096
const mostAllowedIps = 256

/** Throws WireError `malformed` or `out-of-range` for what no interface could be. */
export function encodeUapiSet(change: WireGuardChange): string {
  const { privateKey, listenPort, replacesPeers = false, peers = [] } = change
  const lines = [
    'set=1',
    ...(privateKey ? [`private_key=${encodeHexKey(privateKey)}`] : []),
    ...(listenPort === undefined ? [] : [`listen_port=${natural(listenPort, 65_535)}`]),
    ...(replacesPeers ? ['replace_peers=true'] : []),
    ...peers.flatMap(peerLines),
  ]
  return `${lines.join('\n')}\n\n`
}

function peerLines(peer: WireGuardPeerChange): string[] {
  const head = `public_key=${encodeHexKey(peer.publicKey)}`
  if (peer.isRemoved) return [head, 'remove=true']
  const { endpoint, allowedIps, keepaliveS } = peer
  return [
    head,
    ...(endpoint ? [`endpoint=${encodeEndpoint(endpoint)}`] : []),
    ...(keepaliveS === undefined ? [] : [`persistent_keepalive_interval=${natural(keepaliveS, 65_535)}`]),
    ...(allowedIps ? ['replace_allowed_ips=true', ...allowedIps.map((ip) => `allowed_ip=${readAllowedIp(ip)}`)] : []),
  ]
}

/** What an answer says: the error number, 0 where all is well, and the lines before it. Throws WireError for what is no answer. */
export function decodeUapiAnswer(text: string): { readonly errno: number; readonly lines: readonly UapiLine[] } {
  if (text.length > mostUapiBytes) throw new WireError('too-long', 'Cannot read an answer of WireGuard: it is too long')
  if (!text.endsWith('\n\n')) throw new WireError('too-short', 'Cannot read an answer of WireGuard: it has no end')
  const lines = text.slice(0, -2).split('\n').map(readLine)
  const last = lines.pop()
  if (last?.key !== 'errno' || lines.some(({ key }) => key === 'errno') || !/^-?\d{1,6}$/.test(last.value)) {
    throw new WireError('malformed', 'Cannot read an answer of WireGuard: it does not end with one error number')
  }
  return { errno: Number(last.value), lines }
}

interface UapiLine {
  readonly key: string
  readonly value: string
}

function readLine(line: string): UapiLine {
  const at = line.indexOf('=')
  if (at < 1 || !/^[a-z_]+$/.test(line.slice(0, at))) {
    throw new WireError('malformed', 'Cannot read an answer of WireGuard: it has a line that says nothing')
  }
  return { key: line.slice(0, at), value: line.slice(at + 1) }
}

/** What an interface says of itself. Keys that are not known are passed over: later versions may say more. */
export function decodeUapiStatus(lines: readonly UapiLine[]): WireGuardStatus {
  const status: { hasKey: boolean; listenPort: number } = { hasKey: false, listenPort: 0 }
  const peers: PeerDraft[] = []
  for (const { key, value } of lines) {
    const peer = peers.at(-1)
    if (key === 'public_key') {
      if (peers.length >= mostPeers) throw new WireError('too-long', 'Cannot read WireGuard: it has too many peers')
      peers.push({ ...newPeer, allowedIps: [], publicKey: decodeHexKey(value) })
    } else if (peer) {
      readPeerLine(peer, key, value)
    } else if (key === 'private_key') {
      status.hasKey = decodeHexKey(value).some((byte) => byte !== 0)
    } else if (key === 'listen_port') {
      status.listenPort = readNatural(value, 65_535)
    }
  }
  return { ...status, peers: peers.map(finished) }
}

interface PeerDraft extends Omit<WireGuardPeerStatus, 'handshakeMs'> {
  publicKey: Uint8Array
  endpoint: WireGuardPeerStatus['endpoint']
  allowedIps: string[]
  handshakeS: number
  handshakeNs: number
  receivedBytes: number
  sentBytes: number
  keepaliveS: number
}

const newPeer = {
  endpoint: undefined,
  handshakeS: 0,
  handshakeNs: 0,
  receivedBytes: 0,
  sentBytes: 0,
  keepaliveS: 0,
} as const

function readPeerLine(peer: PeerDraft, key: string, value: string): void {
  switch (key) {
    case 'endpoint':
      peer.endpoint = decodeEndpoint(value)
      return
    case 'allowed_ip':
      if (peer.allowedIps.length >= mostAllowedIps) {
        throw new WireError('too-long', 'Cannot read WireGuard: a peer has too many addresses')
      }
      peer.allowedIps.push(readAllowedIp(value))
      return
    case 'last_handshake_time_sec':
      peer.handshakeS = readNatural(value)
      return
    case 'last_handshake_time_nsec':
      peer.handshakeNs = readNatural(value, 999_999_999)
      return
    case 'rx_bytes':
      peer.receivedBytes = readNatural(value)
      return
    case 'tx_bytes':
      peer.sentBytes = readNatural(value)
      return
    case 'persistent_keepalive_interval':
      peer.keepaliveS = readNatural(value, 65_535)
  }
}

function finished({ handshakeS, handshakeNs, ...peer }: PeerDraft): WireGuardPeerStatus {
  return { ...peer, handshakeMs: handshakeS === 0 ? undefined : handshakeS * 1000 + handshakeNs / 1e6 }
}

/** Digits only, and no more than can be counted. Throws WireError `malformed`. */
export function readNatural(text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= most)) throw new WireError('malformed', 'Cannot read WireGuard: it tells a number that is none')
  return value
}

function natural(value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value
  throw new WireError('out-of-range', `Cannot tell WireGuard ${value}: wanted a number up to ${most}`)
}
