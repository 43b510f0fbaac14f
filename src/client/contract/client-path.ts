/**
 * How media comes: by WebRTC from the host itself or through a relay, by a WebSocket through the web port, or by the host's native
 * transport, which a program on this machine (`porchlight view`) carries to the page.
 */
export type PathKind = 'direct' | 'relayed' | 'web-port' | 'native'

export type PathReason =
  /** It was the first to show a picture. */
  | 'first'
  /** WebRTC works, and is better than the web port. */
  | 'udp-works'
  /** WebRTC failed or fell silent; it is tried again in the background. */
  | 'udp-failed'
  /** This machine has no WebRTC. */
  | 'no-webrtc'
  /** The conversation goes that way, and there is no other. */
  | 'only'

/** A path as the host sees it. */
export interface HostPath {
  readonly kind: 'direct' | 'relayed' | 'web-port'
  /** `first`, `better` (it is ready, and preferred), `fallback`, `lost` (the one before was) or `moved` (under a connection that stands). */
  readonly reason: string
  /** Where this client is seen, with what sort of address that is: `relay 203.0.113.1:50000`. */
  readonly remote: string
  /** In words, with what else there is, where ends choose among paths. */
  readonly why?: string | undefined
}

/** The path that carries now. */
export interface ClientPath {
  readonly kind: PathKind
  readonly why: PathReason
  /**
   * What the host says of it, about once a second: where the native transport carries, this tells by which path it goes. Undefined before
   * the host has said anything of this path.
   */
  readonly host?: HostPath | undefined
  /** Milliseconds since the Unix epoch. */
  readonly sinceMs: number
  /** As it was measured last; undefined before. */
  readonly roundTripMs: number | undefined
  /** Lost packets of the last period as a share, 0 to 1. TCP loses none: 0 through the web port. */
  readonly lossRatio: number | undefined
}
