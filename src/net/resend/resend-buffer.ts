import type { RtpPacket } from '../../wire/rtp/rtp-packet.ts'

export interface ResendBufferOptions {
  /** Packets kept, a power of two. 1,024 unless given. */
  capacity?: number
  /** The part of the target bitrate that resends may take. 0.15 unless given. */
  share?: number
  /** Packets older than this are not sent again. 500 unless given. */
  maxAgeMs?: number
}

/** The state of the path that an answer to a NACK depends on. */
export interface ResendConditions {
  readonly nowUs: number
  readonly roundTripMs: number
  readonly targetBps: number
}

/** The packets of one video stream that were sent lately, to be sent again when the receiver misses them. */
export declare class ResendBuffer {
  constructor(options?: ResendBufferOptions)
  /** Remembers a packet as it leaves for the first time. Allocates nothing. */
  onSent(sequence: number, packet: RtpPacket, timestamp: number, nowUs: number): void
  /** A key picture begins at `sequence`: what is missing before it is of no use any more. */
  onKeyframe(sequence: number): void
  /**
   * Answers a NACK: calls `resend` for each packet to be sent again: each at most once in a round trip, all within the
   * share of the bitrate. True when waiting is hopeless and a key picture is needed: something missing is too old, or
   * too much is missing.
   */
  answer(
    missing: readonly number[],
    conditions: ResendConditions,
    resend: (packet: RtpPacket, timestamp: number, sequence: number) => void,
  ): boolean
}
