import type { TransportFeedback } from './transport-feedback.ts'

/** What a receiver says of one stream (RFC 3550, section 6.4.1). */
export interface ReceptionReport {
  readonly ssrc: number
  /** Packets lost since the report before, 0 to 1, in steps of 1/256. */
  readonly fractionLost: number
  /** Packets lost since the beginning; negative when there were duplicates. */
  readonly cumulativeLost: number
  /** Extended highest sequence number received. */
  readonly highestSequence: number
  /** Interarrival jitter in units of the stream's clock. */
  readonly jitter: number
  /** The middle 32 bits of the NTP time of the last sender report, 0 for none. */
  readonly lastSenderReport: number
  /** Time since that report, in 1/65,536 s. */
  readonly delaySinceLastSenderReport: number
}

/** NTP time (RFC 3550, section 4): seconds since 1900 and 1/2^32 fractions of a second. */
export interface NtpTime {
  readonly seconds: number
  readonly fraction: number
}

export interface SenderReport {
  readonly type: 'sender-report'
  readonly ssrc: number
  readonly ntp: NtpTime
  /** The same moment in the stream's clock. */
  readonly rtpTimestamp: number
  readonly packetCount: number
  readonly payloadBytes: number
  readonly reports: readonly ReceptionReport[]
}

export interface ReceiverReport {
  readonly type: 'receiver-report'
  readonly ssrc: number
  readonly reports: readonly ReceptionReport[]
}

/** Generic NACK (RFC 4585, section 6.2.1), expanded. */
export interface Nack {
  readonly type: 'nack'
  readonly senderSsrc: number
  readonly mediaSsrc: number
  /** Sequence numbers that are missing, in the order given; at most {@link maxNackSequences}. */
  readonly sequences: readonly number[]
}

/** Picture loss indication (RFC 4585, section 6.3.1). */
export interface PictureLoss {
  readonly type: 'picture-loss'
  readonly senderSsrc: number
  readonly mediaSsrc: number
}

/** Full intra request (RFC 5104, section 4.3.1). */
export interface FullIntraRequest {
  readonly type: 'full-intra-request'
  readonly senderSsrc: number
  readonly entries: readonly { readonly ssrc: number; readonly sequence: number }[]
}

/** Receiver's estimate of the path (draft-alvestrand-rmcat-remb-03). */
export interface MaximumBitrate {
  readonly type: 'maximum-bitrate'
  readonly senderSsrc: number
  readonly bitrateBps: number
  readonly ssrcs: readonly number[]
}

/** Streams that end (RFC 3550, section 6.6). */
export interface Goodbye {
  readonly type: 'goodbye'
  readonly ssrcs: readonly number[]
  readonly reason: string | undefined
}

export type RtcpPacket =
  | SenderReport
  | ReceiverReport
  | Nack
  | PictureLoss
  | FullIntraRequest
  | MaximumBitrate
  | TransportFeedback
  | Goodbye

/** More missing packets in one NACK are refused; Chromium's own limit is 1,000. */
export const maxNackSequences = 1024

/**
 * Reads a compound packet, or a single one (RFC 5506). Kinds that are not in {@link RtcpPacket}, source descriptions for
 * instance, are skipped. Throws WireError when any packet in it is malformed.
 */
export declare function decodeRtcp(bytes: Uint8Array): RtcpPacket[]

/** Writes packets one behind the other; a `cname` adds the source description that RFC 3550 wants after a report. */
export declare function encodeRtcp(packets: readonly RtcpPacket[], cname?: { ssrc: number; name: string }): Uint8Array

/** NTP time of a moment in milliseconds since the Unix epoch. */
export declare function ntpTimeOf(epochMs: number): NtpTime

/**
 * Round trip in milliseconds by one report that arrived at `now` (RFC 3550, figure 2); undefined when the receiver has
 * not seen a sender report yet or its numbers make no sense.
 */
export declare function roundTripMsOf(report: ReceptionReport, now: NtpTime): number | undefined
