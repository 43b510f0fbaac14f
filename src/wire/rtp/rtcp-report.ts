import { WireError } from '../wire-error.ts'
import { rtcpFrameOf, wantBody, type RtcpFrame } from './rtcp-frame.ts'

/**
 * Sender and receiver reports (RFC 3550, section 6.4), source descriptions (6.5) and goodbyes (6.6).
 *
 *     SR    | SSRC | NTP seconds | NTP fraction | RTP timestamp | packets | payload bytes | report ...
 *     RR    | SSRC | report ...
 *     report  | SSRC | lost (8) | cumulative lost (24) | highest sequence | jitter | last SR | delay since |
 *     SDES  | SSRC | CNAME = 1 (8) | length (8) | name | 0 up to a whole word |
 *     BYE   | SSRC ... | length (8) | reason |
 */
export const senderReportType = 200
export const receiverReportType = 201
export const sourceDescriptionType = 202
export const goodbyeType = 203

const senderInfoBytes = 24
const reportBytes = 24
const maxReports = 31

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

/** Streams that end (RFC 3550, section 6.6). */
export interface Goodbye {
  readonly type: 'goodbye'
  readonly ssrcs: readonly number[]
  readonly reason: string | undefined
}

export function readSenderReport({ body, count }: RtcpFrame): SenderReport {
  wantBody(body, senderInfoBytes + count * reportBytes, 'sender report')
  return {
    type: 'sender-report',
    ssrc: body.getUint32(0),
    ntp: { seconds: body.getUint32(4), fraction: body.getUint32(8) },
    rtpTimestamp: body.getUint32(12),
    packetCount: body.getUint32(16),
    payloadBytes: body.getUint32(20),
    reports: readReports(body, senderInfoBytes, count),
  }
}

export function readReceiverReport({ body, count }: RtcpFrame): ReceiverReport {
  wantBody(body, 4 + count * reportBytes, 'receiver report')
  return { type: 'receiver-report', ssrc: body.getUint32(0), reports: readReports(body, 4, count) }
}

function readReports(body: DataView, start: number, count: number): ReceptionReport[] {
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * reportBytes
    return {
      ssrc: body.getUint32(at),
      fractionLost: body.getUint8(at + 4) / 256,
      cumulativeLost: (body.getInt32(at + 4) << 8) >> 8,
      highestSequence: body.getUint32(at + 8),
      jitter: body.getUint32(at + 12),
      lastSenderReport: body.getUint32(at + 16),
      delaySinceLastSenderReport: body.getUint32(at + 20),
    }
  })
}

export function writeSenderReport(report: SenderReport): Uint8Array {
  const bodyBytes = senderInfoBytes + report.reports.length * reportBytes
  return rtcpFrameOf({ packetType: senderReportType, count: reportCount(report.reports), bodyBytes }, (body) => {
    body.setUint32(0, report.ssrc)
    body.setUint32(4, report.ntp.seconds)
    body.setUint32(8, report.ntp.fraction)
    body.setUint32(12, report.rtpTimestamp)
    body.setUint32(16, report.packetCount)
    body.setUint32(20, report.payloadBytes)
    writeReports(body, senderInfoBytes, report.reports)
  })
}

export function writeReceiverReport(report: ReceiverReport): Uint8Array {
  const bodyBytes = 4 + report.reports.length * reportBytes
  return rtcpFrameOf({ packetType: receiverReportType, count: reportCount(report.reports), bodyBytes }, (body) => {
    body.setUint32(0, report.ssrc)
    writeReports(body, 4, report.reports)
  })
}

function writeReports(body: DataView, start: number, reports: readonly ReceptionReport[]): void {
  for (const [index, report] of reports.entries()) {
    const at = start + index * reportBytes
    body.setUint32(at, report.ssrc)
    body.setInt32(at + 4, Math.max(-0x80_0000, Math.min(0x7f_ffff, report.cumulativeLost)))
    body.setUint8(at + 4, Math.max(0, Math.min(255, Math.round(report.fractionLost * 256))))
    body.setUint32(at + 8, report.highestSequence)
    body.setUint32(at + 12, report.jitter)
    body.setUint32(at + 16, report.lastSenderReport)
    body.setUint32(at + 20, report.delaySinceLastSenderReport)
  }
}

function reportCount(reports: readonly ReceptionReport[]): number {
  if (reports.length <= maxReports) return reports.length
  throw new WireError('out-of-range', `Cannot write ${reports.length} reports: wanted at most ${maxReports}`)
}

/** One chunk with the one item that is mandatory, the canonical name. Throws WireError when it exceeds 255 bytes. */
export function writeSourceDescription(ssrc: number, cname: string): Uint8Array {
  const name = shortText(cname, 'canonical name')
  const bodyBytes = 4 + 2 + name.length + 1
  return rtcpFrameOf({ packetType: sourceDescriptionType, count: 1, bodyBytes }, (body) => {
    body.setUint32(0, ssrc)
    body.setUint8(4, 1)
    body.setUint8(5, name.length)
    for (const [index, byte] of name.entries()) body.setUint8(6 + index, byte)
  })
}

/**
 * Throws WireError unless the chunks fill the packet as RFC 3550, section 6.5 has it: each an SSRC and items, which end with
 * a zero byte before the next whole word. What they say of a source is of no use here.
 */
export function checkSourceDescription({ body, count }: RtcpFrame): void {
  let offset = 0
  for (let chunk = 0; chunk < count; chunk++) {
    offset += 4
    for (;;) {
      wantBody(body, offset + 1, 'source description')
      if (body.getUint8(offset) === 0) break
      wantBody(body, offset + 2, 'source description')
      offset += 2 + body.getUint8(offset + 1)
    }
    offset = 4 * (Math.floor(offset / 4) + 1)
  }
  if (offset !== body.byteLength) {
    throw new WireError('malformed', `Cannot read source description: ${body.byteLength} bytes, wanted ${offset}`)
  }
}

export function readGoodbye({ body, count }: RtcpFrame): Goodbye {
  wantBody(body, 4 * count, 'goodbye')
  const ssrcs = Array.from({ length: count }, (_, index) => body.getUint32(4 * index))
  if (body.byteLength === 4 * count) return { type: 'goodbye', ssrcs, reason: undefined }
  const reasonBytes = body.getUint8(4 * count)
  wantBody(body, 4 * count + 1 + reasonBytes, 'goodbye')
  const text = new Uint8Array(body.buffer, body.byteOffset + 4 * count + 1, reasonBytes)
  return { type: 'goodbye', ssrcs, reason: new TextDecoder().decode(text) }
}

export function writeGoodbye(goodbye: Goodbye): Uint8Array {
  const count = goodbye.ssrcs.length
  if (count > 31) throw new WireError('out-of-range', `Cannot say goodbye for ${count} streams: wanted at most 31`)
  const reason = goodbye.reason === undefined ? undefined : shortText(goodbye.reason, 'reason')
  const bodyBytes = 4 * count + (reason ? 1 + reason.length : 0)
  return rtcpFrameOf({ packetType: goodbyeType, count, bodyBytes }, (body) => {
    for (const [index, ssrc] of goodbye.ssrcs.entries()) body.setUint32(4 * index, ssrc)
    if (!reason) return
    body.setUint8(4 * count, reason.length)
    for (const [index, byte] of reason.entries()) body.setUint8(4 * count + 1 + index, byte)
  })
}

function shortText(text: string, name: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length > 255)
    throw new WireError('too-long', `Cannot write ${name}: ${bytes.length} bytes, wanted at most 255`)
  return bytes
}

/** NTP time of a moment in milliseconds since the Unix epoch. */
export function ntpTimeOf(epochMs: number): NtpTime {
  const secondsFrom1900To1970 = 2_208_988_800
  const seconds = Math.floor(epochMs / 1000)
  const fraction = Math.min(0xffff_ffff, Math.floor(((epochMs - seconds * 1000) / 1000) * 2 ** 32))
  return { seconds: (seconds + secondsFrom1900To1970) % 2 ** 32, fraction }
}

/**
 * Round trip in milliseconds by one report that arrived at `now` (RFC 3550, figure 2); undefined when the receiver has
 * not seen a sender report yet or its numbers make no sense.
 */
export function roundTripMsOf(report: ReceptionReport, now: NtpTime): number | undefined {
  if (report.lastSenderReport === 0) return undefined
  const middle = ((now.seconds & 0xffff) << 16) | (now.fraction >>> 16)
  const roundTripMs = ((middle - report.lastSenderReport - report.delaySinceLastSenderReport) | 0) / 65.536
  // Both ends round: on a very short path the difference comes out slightly below zero.
  return roundTripMs < -1 || roundTripMs > 60_000 ? undefined : Math.max(0, roundTripMs)
}
