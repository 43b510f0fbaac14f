import type { RtpPacket } from './rtp-packet.ts'

/**
 * Payloads of one access unit in Annex B form, packetization-mode 1 (RFC 6184). All packets share one piece of memory;
 * the last one has the marker. An access unit delimiter is left out. Empty for bytes without a NAL unit.
 */
export declare function packetiseH264(accessUnit: Uint8Array, maxPayloadBytes?: number): RtpPacket[]

/** Puts the payloads of one access unit together again. */
export declare class H264Depacketiser {
  /** Takes the payloads in order of their sequence numbers. Throws WireError. */
  push(payload: Uint8Array): void
  /** The access unit in Annex B form (4-byte start codes), and starts a new one. Throws WireError when a fragment is missing. */
  take(): Uint8Array
}
