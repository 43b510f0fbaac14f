import type { PathStanding } from '../../domain/path-standing.ts'

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
  /** In few words why it is the one that is taken, there. */
  readonly because?: string | undefined
  /** How each of them stands there, the one that is taken first. */
  readonly paths?: readonly PathStanding[] | undefined
}

/** The TURN server of this client's own by which it is reached. */
export interface PathRelay {
  /** As it was told: a name or an address. Undefined where the browser does not say which one of several it is. */
  readonly host: string | undefined
  /** Between this client and the relay. */
  readonly protocol: 'udp' | 'tcp' | 'tls' | undefined
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
  /** By which a peer connection is relayed; undefined for any other path. */
  readonly relay?: PathRelay | undefined
  /** How each way stands that was looked for, the one that is taken first; undefined where there is no choice, or nothing is known yet. */
  readonly paths?: readonly PathStanding[] | undefined
  /** Milliseconds since the Unix epoch. */
  readonly sinceMs: number
  /** As it was measured last; undefined before. */
  readonly roundTripMs: number | undefined
  /** Lost packets of the last period as a share, 0 to 1. TCP loses none: 0 through the web port. */
  readonly lossRatio: number | undefined
}
