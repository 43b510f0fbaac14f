/** The part of RTCRtpCodec that preferences are made from. */
export interface CodecLike {
  readonly mimeType: string
  readonly sdpFmtpLine?: string
}

function rank({ mimeType, sdpFmtpLine = '' }: CodecLike): number {
  const name = mimeType.toLowerCase()
  if (name === 'video/h264') {
    const baseline = sdpFmtpLine.includes('profile-level-id=42e0')
    const fragmented = sdpFmtpLine.includes('packetization-mode=1')
    return baseline && fragmented ? 0 : fragmented ? 1 : 2
  }
  return name === 'video/vp8' ? 3 : 4
}

/**
 * The codecs in the order in which the host should choose: H.264 constrained baseline, other H.264, VP8, then the rest
 * as it was. Nothing is left out, since resending and error correction are codecs too.
 */
export function preferredCodecs<Codec extends CodecLike>(codecs: readonly Codec[]): Codec[] {
  return codecs.toSorted((a, b) => rank(a) - rank(b))
}

/**
 * Asks for stereo in every Opus format of an offer (RFC 7587, section 6.1): without `stereo=1` in the description that
 * the browser sets for itself it decodes one channel.
 */
export function askForStereo(sdp: string): string {
  const formats = new Set([...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000\/2\r?$/gim)].map((match) => match[1]))
  return sdp.replace(/^a=fmtp:(\d+) ([^\r\n]*)/gm, (line, format: string, parameters: string) =>
    formats.has(format) && !/(^|;)\s*stereo=/.test(parameters) ? `${line};stereo=1` : line,
  )
}
