import type { RtpPacket } from './rtp-packet.ts'

/** What a header says (RFC 3550, section 5.1). A sender keeps one for each stream and changes its numbers. */
export interface RtpHeader {
  /** 0 to 127. */
  payloadType: number
  ssrc: number
  /** 16 bits. */
  sequence: number
  /** 32 bits, in units of the codec's clock. */
  timestamp: number
  /** The id negotiated for the transport-wide sequence number (1 to 14), 0 for a header without it (RFC 8285). */
  transportExtensionId: number
  /** 16 bits; sent when `transportExtensionId` is not 0. */
  transportSequence: number
}

/**
 * Writes the header into the packet's head room and returns what is to be sent: `packet.full` or, without extension,
 * `packet.short`. It is good until the next call for the same packet, so the transport must copy before that. Numbers
 * beyond their width are cut to it. Allocates nothing.
 */
export declare function writeRtpHeader(packet: RtpPacket, header: RtpHeader): Uint8Array

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
export declare function decodeRtp(bytes: Uint8Array, transportExtensionId: number): ReceivedRtp

/** True for RTCP, false for RTP, on one port (RFC 5761, section 4). */
export declare function isRtcp(bytes: Uint8Array): boolean
