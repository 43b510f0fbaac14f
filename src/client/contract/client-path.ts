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

/** The path that carries now. */
export interface ClientPath {
  readonly kind: PathKind
  readonly why: PathReason
  /** Milliseconds since the Unix epoch. */
  readonly sinceMs: number
  /** As it was measured last; undefined before. */
  readonly roundTripMs: number | undefined
  /** Lost packets of the last period as a share, 0 to 1. TCP loses none: 0 through the web port. */
  readonly lossRatio: number | undefined
}
