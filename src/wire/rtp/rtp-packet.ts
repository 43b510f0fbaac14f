/**
 * An RTP packet that many viewers share: the payload is written once, and the header of whoever it is sent to next is
 * written into the room before it (`writeRtpHeader`).
 *
 *     0        8                    20
 *     +--------+--------------------+------------------- - -
 *     |    head room: 20 bytes      | payload
 *     +--------+--------------------+------------------- - -
 *     |<------ full: header with extension, then payload - -
 *              |<---- short: header of 12 bytes, then payload
 */
export interface RtpPacket {
  /** Everything: 20 bytes of header with one extension, then the payload. */
  readonly full: Uint8Array
  /** The same memory from byte 8 on: 12 bytes of header, then the payload. */
  readonly short: Uint8Array
  readonly payloadBytes: number
  /** The last packet of its picture; for sound, the first one after silence. */
  readonly marker: boolean
  /** Nothing but padding, of which the last byte says how much (RFC 3550, section 5.1). */
  readonly isPadding: boolean
}

/** Room before every payload: a header of 12 bytes and an extension block of 8. */
export const rtpHeadRoomBytes = 20

/** A header without extension. */
export const rtpShortHeaderBytes = 12

/**
 * The most payload in a packet, so that header (20) and the largest SRTP tag (16) keep the UDP payload within 1,200
 * bytes, which passes every path that QUIC passes (RFC 9000, section 14).
 */
export const defaultMaxPayloadBytes = 1200 - rtpHeadRoomBytes - 16

/** Packets of the given payload sizes in one piece of memory, payloads still zero. The last one has the marker. */
export function allocatePackets(payloadSizes: readonly number[]): RtpPacket[] {
  let totalBytes = 0
  for (const payloadBytes of payloadSizes) totalBytes += rtpHeadRoomBytes + payloadBytes
  const memory = new ArrayBuffer(totalBytes)
  let offset = 0
  return payloadSizes.map((payloadBytes, index) => {
    const packet = packetAt(memory, offset, payloadBytes, index === payloadSizes.length - 1)
    offset += rtpHeadRoomBytes + payloadBytes
    return packet
  })
}

/** A packet of its own memory with a copy of `payload`; all there is to do for Opus (RFC 7587, section 4.2). */
export function rtpPacketOf(payload: Uint8Array, marker: boolean): RtpPacket {
  const memory = new ArrayBuffer(rtpHeadRoomBytes + payload.length)
  const packet = packetAt(memory, 0, payload.length, marker)
  packet.full.set(payload, rtpHeadRoomBytes)
  return packet
}

/** The most padding that a packet can have. */
const mostPaddingBytes = 255

/** A packet of padding alone: it shows what a path carries and means nothing. */
export function paddingPacket(): RtpPacket {
  const memory = new ArrayBuffer(rtpHeadRoomBytes + mostPaddingBytes)
  const packet = packetAt(memory, 0, mostPaddingBytes, false)
  packet.full[packet.full.length - 1] = mostPaddingBytes
  return { ...packet, payloadBytes: 0, isPadding: true }
}

function packetAt(memory: ArrayBuffer, offset: number, payloadBytes: number, marker: boolean): RtpPacket {
  const headRoomLeft = rtpHeadRoomBytes - rtpShortHeaderBytes
  return {
    full: new Uint8Array(memory, offset, rtpHeadRoomBytes + payloadBytes),
    short: new Uint8Array(memory, offset + headRoomLeft, rtpShortHeaderBytes + payloadBytes),
    payloadBytes,
    marker,
    isPadding: false,
  }
}
