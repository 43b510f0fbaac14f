/**
 * An RTP packet that many viewers share: its payload is written once and never again. The header of whoever it is sent to is
 * written in front of a copy of it (`RtpWriter`).
 */
export interface RtpPacket {
  /** What follows the header. */
  readonly payload: Uint8Array
  /** With the longest header. */
  readonly bytes: number
  /** Of the payload, without padding. */
  readonly payloadBytes: number
  /** The last packet of its picture. */
  readonly marker: boolean
  /** Nothing but padding, of which the last byte says how much (RFC 3550, section 5.1). */
  readonly isPadding: boolean
}

/** A header of 12 bytes and an extension block of 8. */
export const rtpLongHeaderBytes = 20

/** A header without extension. */
export const rtpShortHeaderBytes = 12

/**
 * The most payload in a packet, so that header (20) and the largest SRTP tag (16) keep the UDP payload within 1,200
 * bytes, which passes every path that QUIC passes (RFC 9000, section 14).
 */
export const defaultMaxPayloadBytes = 1200 - rtpLongHeaderBytes - 16

/** Packets of the given payload sizes in one piece of memory, payloads still zero. The last one has the marker. */
export function allocatePackets(payloadSizes: readonly number[]): RtpPacket[] {
  let totalBytes = 0
  for (const payloadBytes of payloadSizes) totalBytes += payloadBytes
  const memory = new Uint8Array(totalBytes)
  let offset = 0
  return payloadSizes.map((payloadBytes, index) => {
    const payload = memory.subarray(offset, offset + payloadBytes)
    offset += payloadBytes
    return rtpPacketOf(payload, index === payloadSizes.length - 1)
  })
}

/** A packet of this payload, which is not copied; all there is to do for Opus (RFC 7587, section 4.2). */
export function rtpPacketOf(payload: Uint8Array, marker: boolean): RtpPacket {
  return {
    payload,
    bytes: rtpLongHeaderBytes + payload.length,
    payloadBytes: payload.length,
    marker,
    isPadding: false,
  }
}

/** The most padding that a packet can have. */
const mostPaddingBytes = 255

/** A packet of padding alone: it shows what a path carries and means nothing. */
export function paddingPacket(): RtpPacket {
  const payload = new Uint8Array(mostPaddingBytes)
  payload[payload.length - 1] = mostPaddingBytes
  return { ...rtpPacketOf(payload, false), payloadBytes: 0, isPadding: true }
}
