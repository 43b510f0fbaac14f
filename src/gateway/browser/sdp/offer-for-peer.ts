import { transportSequenceUri } from '../../../wire/rtp/transport-feedback.ts'
import type { BrowserOffer, OfferedAudio, OfferedSection, OfferedVideo } from './browser-offer.ts'

/**
 * The offer again, written from what was understood of it: the WebRTC library's own parser is native code and sees
 * nothing that a client wrote freely. Sections that are not used stand in it as given up (port 0), so that the answer
 * has them in their places.
 */
export function offerForPeer(offer: BrowserOffer): string {
  const used = offer.sections.filter(({ use }) => use !== 'none')
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${used.map(({ mid }) => mid).join(' ')}`,
    'a=ice-options:trickle',
    `a=ice-ufrag:${offer.ice.ufrag}`,
    `a=ice-pwd:${offer.ice.password}`,
    `a=fingerprint:${offer.fingerprint}`,
    `a=setup:${offer.setup}`,
    ...offer.sections.flatMap((section) => sectionLines(offer, section)),
  ]
  return `${lines.join('\r\n')}\r\n`
}

function sectionLines(offer: BrowserOffer, section: OfferedSection): string[] {
  const { audio, data, video } = offer
  const common = ['c=IN IP4 0.0.0.0', `a=mid:${section.mid}`]
  if (section.use === 'data' && data) {
    return [
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      ...common,
      `a=sctp-port:${data.sctpPort}`,
      'a=max-message-size:262144',
    ]
  }
  if (section.use === 'audio' && audio) {
    return [
      `m=audio 9 UDP/TLS/RTP/SAVPF ${audio.payloadType}`,
      ...common,
      audio.voice ? 'a=sendrecv' : 'a=recvonly',
      'a=rtcp-mux',
      ...extensionLines(audio),
      `a=rtpmap:${audio.payloadType} opus/48000/2`,
      ...(audio.voice ? [`a=ssrc:${audio.voice.ssrc} cname:voice`] : []),
    ]
  }
  if (section.use === 'video') {
    const formats = [...video.formats]
    return [
      `m=video 9 UDP/TLS/RTP/SAVPF ${formats.map(([, { payloadType }]) => payloadType).join(' ')}`,
      ...common,
      'a=recvonly',
      'a=rtcp-mux',
      ...extensionLines(video),
      ...formats.map(([codec, { payloadType }]) => `a=rtpmap:${payloadType} ${codec.toUpperCase()}/90000`),
    ]
  }
  return section.kind === 'application'
    ? ['m=application 0 UDP/DTLS/SCTP webrtc-datachannel', ...common]
    : [`m=${section.kind} 0 UDP/TLS/RTP/SAVPF 0`, ...common, 'a=inactive']
}

function extensionLines({ transportExtensionId: id }: OfferedVideo | OfferedAudio): string[] {
  return id === 0 ? [] : [`a=extmap:${id} ${transportSequenceUri}`]
}
