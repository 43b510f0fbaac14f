import {
  applicationLayerFormat,
  fullIntraRequestFormat,
  nackFormat,
  payloadFeedbackType,
  pictureLossFormat,
  readFullIntraRequest,
  readMaximumBitrate,
  readNack,
  readPictureLoss,
  transportFeedbackType,
  writeFullIntraRequest,
  writeMaximumBitrate,
  writeNack,
  writePictureLoss,
  type FullIntraRequest,
  type MaximumBitrate,
  type Nack,
  type PictureLoss,
} from './rtcp-feedback.ts'
import { splitRtcp, type RtcpFrame } from './rtcp-frame.ts'
import {
  checkSourceDescription,
  goodbyeType,
  readGoodbye,
  readReceiverReport,
  readSenderReport,
  receiverReportType,
  senderReportType,
  sourceDescriptionType,
  writeGoodbye,
  writeReceiverReport,
  writeSenderReport,
  writeSourceDescription,
  type Goodbye,
  type ReceiverReport,
  type SenderReport,
} from './rtcp-report.ts'
import {
  readTransportFeedback,
  transportFeedbackFormat,
  writeTransportFeedback,
  type TransportFeedback,
} from './transport-feedback.ts'

export { maxNackSequences } from './rtcp-feedback.ts'
export type { FullIntraRequest, MaximumBitrate, Nack, PictureLoss } from './rtcp-feedback.ts'
export { ntpTimeOf, roundTripMsOf } from './rtcp-report.ts'
export type { Goodbye, ReceiverReport, ReceptionReport, SenderReport } from './rtcp-report.ts'

/** RTCP as this program speaks it: one discriminated union, whatever document a kind comes from. */
export type RtcpPacket =
  | SenderReport
  | ReceiverReport
  | Nack
  | PictureLoss
  | FullIntraRequest
  | MaximumBitrate
  | TransportFeedback
  | Goodbye

/**
 * Reads a compound packet, or a single one (RFC 5506). Kinds that are not in {@link RtcpPacket} are skipped, source
 * descriptions after a look at their layout. Throws WireError when any packet in it is malformed.
 */
export function decodeRtcp(bytes: Uint8Array): RtcpPacket[] {
  return splitRtcp(bytes)
    .map(readFrame)
    .filter((packet) => packet !== undefined)
}

function readFrame(frame: RtcpFrame): RtcpPacket | void {
  switch (frame.packetType) {
    case senderReportType:
      return readSenderReport(frame)
    case receiverReportType:
      return readReceiverReport(frame)
    case goodbyeType:
      return readGoodbye(frame)
    case sourceDescriptionType:
      return checkSourceDescription(frame)
    case transportFeedbackType:
      if (frame.count === nackFormat) return readNack(frame)
      if (frame.count === transportFeedbackFormat) return readTransportFeedback(frame)
      return undefined
    case payloadFeedbackType:
      if (frame.count === pictureLossFormat) return readPictureLoss(frame)
      if (frame.count === fullIntraRequestFormat) return readFullIntraRequest(frame)
      if (frame.count === applicationLayerFormat) return readMaximumBitrate(frame)
      return undefined
    default:
      return undefined
  }
}

/**
 * Writes packets one behind the other; a `cname` adds the source description that RFC 3550 wants after a report. Throws
 * WireError `out-of-range` for what the layout cannot carry.
 */
export function encodeRtcp(packets: readonly RtcpPacket[], cname?: { ssrc: number; name: string }): Uint8Array {
  const frames = packets.map(writePacket)
  if (cname) frames.splice(1, 0, writeSourceDescription(cname.ssrc, cname.name))
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0))
  let offset = 0
  for (const frame of frames) {
    bytes.set(frame, offset)
    offset += frame.length
  }
  return bytes
}

function writePacket(packet: RtcpPacket): Uint8Array {
  switch (packet.type) {
    case 'sender-report':
      return writeSenderReport(packet)
    case 'receiver-report':
      return writeReceiverReport(packet)
    case 'nack':
      return writeNack(packet)
    case 'picture-loss':
      return writePictureLoss(packet)
    case 'full-intra-request':
      return writeFullIntraRequest(packet)
    case 'maximum-bitrate':
      return writeMaximumBitrate(packet)
    case 'transport-feedback':
      return writeTransportFeedback(packet)
    case 'goodbye':
      return writeGoodbye(packet)
  }
}
