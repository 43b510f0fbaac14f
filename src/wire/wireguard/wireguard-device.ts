import type { WireAddress } from '../address-bytes.ts'

/** What one peer of an interface is to be. What is left out stays as it is. */
export interface WireGuardPeerChange {
  /** 32 bytes, by which it is known. */
  readonly publicKey: Uint8Array
  /** It is to go; nothing else is looked at. */
  readonly isRemoved?: boolean
  /** Where its datagrams go: an IP address, never a name. */
  readonly endpoint?: WireAddress
  /** In the place of all that it had, "10.66.3.7/32". */
  readonly allowedIps?: readonly string[]
  /** 0 turns it off. */
  readonly keepaliveS?: number
}

/** What an interface is to be. What is left out stays as it is. */
export interface WireGuardChange {
  /** 32 bytes. */
  readonly privateKey?: Uint8Array
  /** 0 for any that is free. */
  readonly listenPort?: number
  /** All peers go first. */
  readonly replacesPeers?: boolean
  readonly peers?: readonly WireGuardPeerChange[]
}

/** One peer as an interface tells of it. */
export interface WireGuardPeerStatus {
  readonly publicKey: Uint8Array
  readonly endpoint: WireAddress | undefined
  readonly allowedIps: readonly string[]
  /** Since the Unix epoch; undefined before the first. */
  readonly handshakeMs: number | undefined
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly keepaliveS: number
}

/** What an interface tells of itself; its private key is not kept. */
export interface WireGuardStatus {
  readonly hasKey: boolean
  /** 0 while it is not up. */
  readonly listenPort: number
  readonly peers: readonly WireGuardPeerStatus[]
}

/** Before what an interface carries in one datagram, and behind it: type, receiver, counter and the seal. */
export const wireGuardOverheadBytes = 32

/** Whether those are the first bytes of a datagram of WireGuard: one of four types, and three zeros. */
export function isWireGuard(bytes: Uint8Array): boolean {
  const [type = 0, ...zeros] = bytes.subarray(0, 4)
  return bytes.length >= wireGuardOverheadBytes && type >= 1 && type <= 4 && zeros.every((zero) => zero === 0)
}
