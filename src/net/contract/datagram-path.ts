/**
 * A way that packets take to one other end: an address as a socket has it, an address behind a relay, a tunnel. Whoever sends over it
 * knows nothing else of it. What has the same `name` is the same path; where one end has several sockets, each leads by a path of its own.
 */
export interface DatagramPath {
  /** For operators and to compare, `udp 192.0.2.1:5000` for instance. */
  readonly name: string
  readonly kind: 'direct' | 'relayed' | 'web-port'
  /** By which floods are told apart: the IP address for instance (of IPv6 the /64), without a port that costs nothing to change. */
  readonly origin: string
  /** What it leads by at the moment, where that changes under one name. */
  readonly way?: string
}

/** What carries packets: sockets, relays and tunnels, each by its paths. */
export interface PathPort {
  /**
   * Puts a packet on its way, whatever becomes of it; nobody writes into `bytes` any more. False where it did not leave.
   */
  send(bytes: Uint8Array, path: DatagramPath): boolean
}
