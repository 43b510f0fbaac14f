import { WireError } from '../wire-error.ts'

/**
 * What all RTCP packets begin with (RFC 3550, section 6.4.1).
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |V=2|P|  count  |      type     |  length in words, minus one   |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
export interface RtcpFrame {
  readonly packetType: number
  /** Number of blocks in the packet, or the kind of feedback (FMT). */
  readonly count: number
  /** What follows the first word, without padding. */
  readonly body: DataView
}

/** Cuts a compound packet, or a single one (RFC 5506), into its packets. Throws WireError. */
export function splitRtcp(bytes: Uint8Array): RtcpFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: RtcpFrame[] = []
  for (let offset = 0; offset < bytes.length;) {
    if (bytes.length - offset < 4)
      throw new WireError('too-short', `Cannot read RTCP: ${bytes.length - offset} bytes left`)
    const first = view.getUint8(offset)
    const end = offset + 4 * (view.getUint16(offset + 2) + 1)
    if (first >>> 6 !== 2) throw new WireError('malformed', `Cannot read RTCP: version ${first >>> 6}, wanted 2`)
    if (end > bytes.length) {
      throw new WireError('too-short', `Cannot read RTCP: a packet up to byte ${end} of ${bytes.length}`)
    }
    const paddingBytes = first & 0x20 ? view.getUint8(end - 1) : 0
    if (first & 0x20 && (paddingBytes === 0 || paddingBytes > end - offset - 4)) {
      throw new WireError('malformed', `Cannot read RTCP: ${paddingBytes} bytes of padding do not fit`)
    }
    frames.push({
      packetType: view.getUint8(offset + 1),
      count: first & 0x1f,
      body: new DataView(bytes.buffer, bytes.byteOffset + offset + 4, end - offset - 4 - paddingBytes),
    })
    offset = end
  }
  return frames
}

/** Makes one packet: `write` fills the zeroed body, whose size is rounded up to whole words. */
export function rtcpFrameOf(
  header: { packetType: number; count: number; bodyBytes: number },
  write: (body: DataView) => void,
): Uint8Array {
  const words = Math.ceil(header.bodyBytes / 4)
  const bytes = new Uint8Array(4 + 4 * words)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 0x80 | header.count)
  view.setUint8(1, header.packetType)
  view.setUint16(2, words)
  write(new DataView(bytes.buffer, 4))
  return bytes
}

/** Throws WireError unless `body` has at least `wantedBytes`. */
export function wantBody(body: DataView, wantedBytes: number, name: string): void {
  if (body.byteLength < wantedBytes) {
    throw new WireError('too-short', `Cannot read ${name}: ${body.byteLength} bytes, wanted at least ${wantedBytes}`)
  }
}
