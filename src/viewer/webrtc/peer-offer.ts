import { keysChannel } from '../../wire/input/channels.ts'

/** What the WebRTC library is told of the other end: nothing else that a client wrote reaches it. */
export interface PeerOffer {
  readonly ice: { readonly ufrag: string; readonly password: string }
  readonly fingerprint: string
  readonly setup: 'actpass' | 'active' | 'passive'
  /** Undefined for a viewer without data channels. */
  readonly sctpPort: number | undefined
  /** The client has the two channels of input, negotiated out of band; another one opens channels of its own. */
  readonly inputChannels: boolean
  readonly candidates: readonly string[]
}

/** The one media section of {@link peerOffer}. */
export const mediaMid = 'media'
export const anyPayloadType = 96

/** A little more than the largest input message, so that one too large is seen as such. */
export const maxDataMessageBytes = keysChannel.maxMessageBytes + 1024

/** Of a text on a channel that the client has opened. */
export const maxTextBytes = 64 * 1024

/**
 * An offer of one media section, whatever the client's has: packets of all its streams travel on that one. With a second
 * section the library would look into every RTCP packet to find out whom it is for, which is native code that strangers
 * write to; with one, both directions pass through it unread.
 */
export function peerOffer({ ice, fingerprint, setup, sctpPort }: PeerOffer): string {
  const section = (kind: string, mid: string) => [`m=${kind}`, 'c=IN IP4 0.0.0.0', `a=mid:${mid}`]
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mediaMid}${sctpPort === undefined ? '' : ' data'}`,
    'a=ice-options:trickle',
    `a=ice-ufrag:${ice.ufrag}`,
    `a=ice-pwd:${ice.password}`,
    `a=fingerprint:${fingerprint}`,
    `a=setup:${setup}`,
    ...section(`video 9 UDP/TLS/RTP/SAVPF ${anyPayloadType}`, mediaMid),
    'a=sendrecv',
    'a=rtcp-mux',
    `a=rtpmap:${anyPayloadType} VP8/90000`,
  ]
  if (sctpPort !== undefined) {
    lines.push(
      ...section('application 9 UDP/DTLS/SCTP webrtc-datachannel', 'data'),
      `a=sctp-port:${sctpPort}`,
      'a=max-message-size:262144',
    )
  }
  return `${lines.join('\r\n')}\r\n`
}

/** How this end of a connection is reached and known (RFC 8839, RFC 8842). */
export interface PeerTransport {
  readonly ice: { readonly ufrag: string; readonly password: string }
  readonly fingerprint: string
  readonly setup: 'active' | 'passive'
}

/** Reads the library's answer. Throws RangeError when it is none. */
export function peerTransport(answer: string): PeerTransport {
  const valueOf = (name: string) => new RegExp(`^a=${name}:(.+)$`, 'm').exec(answer)?.[1]?.trim() ?? ''
  const transport = {
    ice: { ufrag: valueOf('ice-ufrag'), password: valueOf('ice-pwd') },
    fingerprint: valueOf('fingerprint'),
    setup: valueOf('setup') === 'passive' ? ('passive' as const) : ('active' as const),
  }
  if (!transport.ice.ufrag || !transport.ice.password || !transport.fingerprint) {
    throw new RangeError('The answer of the WebRTC library has no transport')
  }
  return transport
}
