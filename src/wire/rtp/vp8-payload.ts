import type { RtpPacket } from './rtp-packet.ts'

/**
 * Payloads of one VP8 frame with a 15-bit picture id (RFC 7741, section 4.2). All packets share one piece of memory;
 * the last one has the marker. Empty for an empty frame.
 */
export declare function packetiseVp8(frame: Uint8Array, pictureId: number, maxPayloadBytes?: number): RtpPacket[]

/** Changes the picture id in place, for a viewer whose stream numbers its pictures on through a change of rendition. */
export declare function writeVp8PictureId(packet: RtpPacket, pictureId: number): void

/** Puts the payloads of one frame together again. */
export declare class Vp8Depacketiser {
  /** Takes the payloads in order of their sequence numbers. Throws WireError. */
  push(payload: Uint8Array): void
  /** The frame, and starts a new one. */
  take(): { readonly frame: Uint8Array; readonly pictureId: number | undefined }
}
