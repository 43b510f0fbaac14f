import { canonicalName, type Ssrcs } from '../../../viewer/link/viewer-streams.ts'
import { transportSequenceUri } from '../../../wire/rtp/transport-feedback.ts'
import type { PeerTransport } from '../../../viewer/webrtc/peer-offer.ts'
import type { BrowserOffer, OfferedFormat, OfferedSection } from './browser-offer.ts'

/** What an answer says of this end. */
export interface AnswerFacts {
  readonly transport: PeerTransport
  readonly ssrcs: Ssrcs
  /** Counts the answers on one connection, from 1. */
  readonly version: number
  /** The longest message that is taken on a data channel. */
  readonly maxMessageBytes: number
}

/**
 * The answer to a browser's offer (RFC 8829, section 5.3.1): every section that is used travels on one transport, the
 * others are refused in their places.
 */
export function answerForBrowser(offer: BrowserOffer, own: AnswerFacts): string {
  const used = offer.sections.filter(({ use }) => use !== 'none')
  const lines = [
    'v=0',
    `o=- 1 ${own.version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${used.map(({ mid }) => mid).join(' ')}`,
    'a=msid-semantic:WMS *',
    'a=ice-options:trickle',
    ...offer.sections.flatMap((section) => sectionLines(offer, section, own)),
  ]
  return `${lines.join('\r\n')}\r\n`
}

function sectionLines(offer: BrowserOffer, section: OfferedSection, own: AnswerFacts): string[] {
  const { ssrcs, transport } = own
  const { data, video } = offer
  const common = [
    'c=IN IP4 0.0.0.0',
    `a=mid:${section.mid}`,
    `a=ice-ufrag:${transport.ice.ufrag}`,
    `a=ice-pwd:${transport.ice.password}`,
    `a=fingerprint:${transport.fingerprint}`,
    `a=setup:${transport.setup}`,
  ]
  const media = (extensionId: number, direction: string, track: 'video' | 'audio') => [
    ...common,
    'a=rtcp-mux',
    ...(extensionId === 0 ? [] : [`a=extmap:${extensionId} ${transportSequenceUri}`]),
    `a=${direction}`,
    ...(direction.startsWith('send') ? streamLines(ssrcs[track], track) : []),
  ]
  if (section.use === 'data' && data) {
    return [
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      ...common,
      `a=sctp-port:${data.sctpPort}`,
      `a=max-message-size:${own.maxMessageBytes}`,
    ]
  }
  if (section.use === 'audio') {
    const { audio } = section
    return [
      `m=audio 9 UDP/TLS/RTP/SAVPF ${audio.payloadType}`,
      ...media(audio.transportExtensionId, directionOf(audio), 'audio'),
      ...formatLines('opus/48000/2', audio, feedbackOf(audio)),
    ]
  }
  if (section.use === 'video' && video) {
    const formats = [...video.formats]
    const feedback = ['nack', 'nack pli', 'goog-remb', ...feedbackOf(video)]
    return [
      `m=video 9 UDP/TLS/RTP/SAVPF ${formats.map(([, { payloadType }]) => payloadType).join(' ')}`,
      ...media(video.transportExtensionId, video.isSeen ? 'sendonly' : 'inactive', 'video'),
      ...formats.flatMap(([codec, format]) => formatLines(`${codec.toUpperCase()}/90000`, format, feedback)),
    ]
  }
  return section.kind === 'application'
    ? ['m=application 0 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', `a=mid:${section.mid}`]
    : [`m=${section.kind} 0 UDP/TLS/RTP/SAVPF 0`, 'c=IN IP4 0.0.0.0', `a=mid:${section.mid}`, 'a=inactive']
}

/** What is sent in a section (RFC 5576, RFC 8830); a section in which nothing is sent has none. */
function streamLines(ssrc: number, track: string): string[] {
  return [`a=msid:stream ${track}`, `a=ssrc:${ssrc} cname:${canonicalName}`, `a=ssrc:${ssrc} msid:stream ${track}`]
}

function directionOf({ isHeard, voice }: { readonly isHeard: boolean; readonly voice: unknown }): string {
  if (!isHeard) return voice ? 'recvonly' : 'inactive'
  return voice ? 'sendrecv' : 'sendonly'
}

function feedbackOf({ transportExtensionId }: { readonly transportExtensionId: number }): string[] {
  return transportExtensionId === 0 ? [] : ['transport-cc']
}

function formatLines(encoding: string, format: OfferedFormat, feedback: readonly string[]): string[] {
  const { payloadType, parameters } = format
  return [
    `a=rtpmap:${payloadType} ${encoding}`,
    ...(parameters === '' ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
    ...feedback.map((kind) => `a=rtcp-fb:${payloadType} ${kind}`),
  ]
}
