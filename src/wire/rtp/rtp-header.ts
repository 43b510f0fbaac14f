import { WireError } from '../wire-error.ts'
import { rtpLongHeaderBytes, rtpShortHeaderBytes, type RtpPacket } from './rtp-packet.ts'

/**
 * The RTP header (RFC 3550, section 5.1) and, where it was negotiated, the one-byte header extension (RFC 8285) with
 * the transport-wide sequence number.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     |                           timestamp                           |
 *     |                             SSRC                              |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+  with X:
 *     |             0xBEDE            |           length = 1          |
 *     |  id   | L = 1 |  transport-wide sequence number |  padding 0  |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
const extensionBit = 0x10
const paddingBit = 0x20
const markerBit = 0x80
const oneByteProfile = 0xbede

/** What a header says (RFC 3550, section 5.1). A sender keeps one for each stream and changes its numbers. */
export interface RtpHeader {
  /** 0 to 127. */
  payloadType: number
  ssrc: number
  /** 16 bits. */
  sequence: number
  /** 32 bits, in units of the codec's clock. */
  timestamp: number
  /** Sound begins with this packet (RFC 3551, section 4.1); the last packet of a picture has its own marker. */
  marker: boolean
  /** The id negotiated for the transport-wide sequence number (1 to 14), 0 for a header without it (RFC 8285). */
  transportExtensionId: number
  /** 16 bits; sent when `transportExtensionId` is not 0. */
  transportSequence: number
}

/** More than any packet of ours. */
const memoryBytes = 2048

/**
 * Puts headers of one sender in front of payloads that all share, in memory of its own. One serves all viewers of a process
 * whose transport copies what it is given before it returns.
 */
export class RtpWriter {
  readonly #memory = new Uint8Array(memoryBytes)
  /** By length, made once each. */
  readonly #views: Uint8Array[] = []

  /**
   * The packet as it is to be sent, good until the next call. Numbers beyond their width are cut to it. Allocates nothing
   * once there was a packet of each length. Throws RangeError for a packet of more than 2,048 bytes.
   */
  write(packet: RtpPacket, header: RtpHeader): Uint8Array {
    const extended = header.transportExtensionId !== 0
    const headerBytes = headerBytesOf(header)
    const memory = this.#memory
    memory[0] = 0x80 | (packet.isPadding ? paddingBit : 0) | (extended ? extensionBit : 0)
    memory[1] = (packet.marker || header.marker ? markerBit : 0) | (header.payloadType & 0x7f)
    memory[2] = header.sequence >>> 8
    memory[3] = header.sequence
    writeUint32(memory, 4, header.timestamp)
    writeUint32(memory, 8, header.ssrc)
    if (extended) {
      memory[12] = oneByteProfile >>> 8
      memory[13] = oneByteProfile & 0xff
      memory[14] = 0
      memory[15] = 1
      memory[16] = (header.transportExtensionId << 4) | 1
      memory[17] = header.transportSequence >>> 8
      memory[18] = header.transportSequence
      memory[19] = 0
    }
    memory.set(packet.payload, headerBytes)
    const length = headerBytes + packet.payload.length
    return (this.#views[length] ??= memory.subarray(0, length))
  }
}

/** Where the payload begins. */
export function headerBytesOf({ transportExtensionId }: RtpHeader): number {
  return transportExtensionId === 0 ? rtpShortHeaderBytes : rtpLongHeaderBytes
}

function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}

/** A received packet; `payload` is a view into the received bytes, without padding. */
export interface ReceivedRtp {
  readonly payloadType: number
  readonly ssrc: number
  readonly sequence: number
  readonly timestamp: number
  readonly marker: boolean
  /** Undefined when the extension was not sent. */
  readonly transportSequence: number | undefined
  readonly payload: Uint8Array
}

/** Reads a packet, looking for the transport-wide sequence number under `transportExtensionId`. Throws WireError. */
export function decodeRtp(bytes: Uint8Array, transportExtensionId: number): ReceivedRtp {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12) throw tooShort(bytes.length, 12)
  const flags = view.getUint8(0)
  if (flags >>> 6 !== 2) throw new WireError('malformed', `Cannot read RTP packet: version ${flags >>> 6}, wanted 2`)
  let payloadStart = 12 + 4 * (flags & 0x0f)
  let transportSequence: number | undefined
  if (flags & extensionBit) {
    if (bytes.length < payloadStart + 4) throw tooShort(bytes.length, payloadStart + 4)
    const elementsEnd = payloadStart + 4 + 4 * view.getUint16(payloadStart + 2)
    if (bytes.length < elementsEnd) throw tooShort(bytes.length, elementsEnd)
    if (view.getUint16(payloadStart) === oneByteProfile) {
      transportSequence = findTransportSequence(view, payloadStart + 4, elementsEnd, transportExtensionId)
    }
    payloadStart = elementsEnd
  }
  const paddingBytes = flags & paddingBit ? view.getUint8(bytes.length - 1) : 0
  const payloadEnd = bytes.length - paddingBytes
  if (payloadEnd < payloadStart || (flags & paddingBit && paddingBytes === 0)) {
    throw new WireError('malformed', `Cannot read RTP packet: ${paddingBytes} bytes of padding do not fit`)
  }
  return {
    payloadType: view.getUint8(1) & 0x7f,
    marker: (view.getUint8(1) & markerBit) !== 0,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    transportSequence,
    payload: bytes.subarray(payloadStart, payloadEnd),
  }
}

/** Walks the elements of a one-byte extension block (RFC 8285, section 4.2). */
function findTransportSequence(view: DataView, start: number, end: number, wantedId: number): number | undefined {
  for (let offset = start; offset < end;) {
    const id = view.getUint8(offset) >>> 4
    if (id === 15) return undefined
    // A zero byte is padding between elements and has no length.
    const bytes = id === 0 ? 0 : (view.getUint8(offset) & 0x0f) + 1
    if (id !== 0 && id === wantedId) {
      return bytes === 2 && offset + 3 <= end ? view.getUint16(offset + 1) : undefined
    }
    offset += 1 + bytes
  }
  return undefined
}

/** True for RTCP, false for RTP, on one port (RFC 5761, section 4). */
export function isRtcp(bytes: Uint8Array): boolean {
  const second = bytes[1]
  return second !== undefined && second >= 192 && second <= 223
}

function tooShort(found: number, wanted: number): WireError {
  return new WireError('too-short', `Cannot read RTP packet: ${found} bytes, wanted at least ${wanted}`)
}
