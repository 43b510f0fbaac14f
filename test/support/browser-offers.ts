const transport = [
  'a=ice-ufrag:A6mW',
  'a=ice-pwd:83KQW6Gk0KBOQMqjPBSYi2X1',
  'a=ice-options:trickle',
  'a=fingerprint:sha-256 1F:6D:CD:7E:0E:6F:8E:74:51:3E:9C:AC:26:72:B3:8A:BD:DC:30:B8:A7:10:D7:65:20:F0:5C:04:42:4B:9C:06',
  'a=setup:actpass',
]
const h264 = (payloadType: number, mode: number, profile: string) => [
  `a=rtpmap:${payloadType} H264/90000`,
  `a=rtcp-fb:${payloadType} goog-remb`,
  `a=rtcp-fb:${payloadType} transport-cc`,
  `a=rtcp-fb:${payloadType} ccm fir`,
  `a=rtcp-fb:${payloadType} nack`,
  `a=rtcp-fb:${payloadType} nack pli`,
  `a=fmtp:${payloadType} level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`,
]

/** What a test changes in an offer. */
export interface OfferParts {
  /** Lines of the video section's formats, and their payload types. */
  readonly videoFormats?: string
  readonly videoLines?: readonly string[]
  readonly audioFormats?: string
  readonly audioLines?: readonly string[]
  /** Lines put in place of ICE credentials, fingerprint and setup. */
  readonly transport?: readonly string[]
  readonly extraSections?: readonly string[]
  readonly candidates?: readonly string[]
}

/** The offer of Chromium 156 for video, audio and data channels, shortened by formats that nobody here uses. */
export function chromiumOffer(parts: OfferParts = {}): string {
  const transportLines = parts.transport ?? transport
  const lines = [
    'v=0',
    'o=- 7209985322953606737 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1 2',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS',
    `m=video 9 UDP/TLS/RTP/SAVPF ${parts.videoFormats ?? '96 97 102 104 108 116 41'}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    ...(parts.candidates ?? []).map((candidate) => `a=${candidate}`),
    ...transportLines,
    'a=mid:0',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:toffset',
    'a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    'a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=recvonly',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...(parts.videoLines ?? [
      'a=rtpmap:96 VP8/90000',
      'a=rtcp-fb:96 transport-cc',
      'a=rtpmap:97 rtx/90000',
      'a=fmtp:97 apt=96',
      ...h264(102, 1, '42001f'),
      ...h264(104, 0, '42e01f'),
      ...h264(108, 1, '42e01f'),
      ...h264(116, 1, '4d001f'),
      ...h264(41, 1, 'f4001f'),
    ]),
    `m=audio 9 UDP/TLS/RTP/SAVPF ${parts.audioFormats ?? '111 63 9'}`,
    'c=IN IP4 0.0.0.0',
    ...transportLines,
    'a=mid:1',
    'a=recvonly',
    'a=rtcp-mux',
    ...(parts.audioLines ?? [
      'a=extmap:14 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
      'a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
      'a=rtpmap:111 opus/48000/2',
      'a=rtcp-fb:111 transport-cc',
      'a=fmtp:111 minptime=10;useinbandfec=1;stereo=1',
      'a=rtpmap:63 red/48000/2',
      'a=rtpmap:9 G722/8000',
    ]),
    ...(parts.extraSections ?? []),
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...transportLines,
    'a=mid:2',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
  ]
  return `${lines.join('\r\n')}\r\n`
}

/** The offer of Firefox 140 for video, audio and data channels with `max-bundle`, shortened in the same way. */
export function firefoxOffer(): string {
  const bundled = [
    'c=IN IP4 0.0.0.0',
    'a=bundle-only',
    'a=ice-pwd:ced2e8fc1332929ebe8014e89d005d39',
    'a=ice-ufrag:4ab23d67',
    'a=setup:actpass',
  ]
  const lines = [
    'v=0',
    'o=mozilla...THIS_IS_SDPARTA-99.0 7324636369387698237 0 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    'a=fingerprint:sha-256 B9:FB:1C:C1:DA:1B:B4:67:33:F6:4C:B7:AE:B8:1F:EB:2C:27:EA:C8:FD:1B:09:32:A1:55:61:1C:7C:23:16:73',
    'a=group:BUNDLE 0 1 2',
    'a=ice-options:trickle',
    'a=msid-semantic:WMS *',
    'm=video 9 UDP/TLS/RTP/SAVPF 120 124',
    'c=IN IP4 0.0.0.0',
    'a=recvonly',
    'a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    'a=fmtp:120 max-fs=12288;max-fr=60',
    'a=fmtp:124 apt=120',
    'a=ice-pwd:ced2e8fc1332929ebe8014e89d005d39',
    'a=ice-ufrag:4ab23d67',
    'a=mid:0',
    'a=rtcp-fb:120 nack pli',
    'a=rtcp-fb:120 transport-cc',
    'a=rtcp-mux',
    'a=rtpmap:120 VP8/90000',
    'a=rtpmap:124 rtx/90000',
    'a=setup:actpass',
    'a=ssrc:3168576710 cname:{602c91bb-2252-4d91-ab53-c2b04b73828b}',
    'm=audio 0 UDP/TLS/RTP/SAVPF 109 9',
    ...bundled,
    'a=recvonly',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    'a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1',
    'a=mid:1',
    'a=rtcp-mux',
    'a=rtpmap:109 opus/48000/2',
    'a=rtpmap:9 G722/8000/1',
    'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
    ...bundled,
    'a=sendrecv',
    'a=mid:2',
    'a=sctp-port:5000',
    'a=max-message-size:1073741823',
  ]
  return `${lines.join('\r\n')}\r\n`
}
