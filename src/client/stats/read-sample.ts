import { pathOf, pathsOf, relayOf, takenPair } from './read-paths.ts'
import type { StatsSample } from './viewer-stats.ts'

/** A report as far as it is followed from one entry to another. */
type Report = ReadonlyMap<string, RTCStats & { readonly mimeType?: string }>

/** What browsers report beyond what the DOM library types name. */
type InboundVideo = RTCInboundRtpStreamStats & { readonly codecId?: string }

/** Takes the counters out of a report of `RTCPeerConnection.getStats()` (W3C webrtc-stats). */
export function readSample(report: Report): StatsSample {
  const all = [...report.values()]
  const inbound = all.filter((stats): stats is InboundVideo => stats.type === 'inbound-rtp')
  const video = inbound.find(({ kind }) => kind === 'video')
  const audio = inbound.find(({ kind }) => kind === 'audio')
  const codec = report.get(video?.codecId ?? '')
  const pair = takenPair(report)
  return {
    atMs: video?.timestamp ?? pair?.timestamp ?? 0,
    videoBytes: video?.bytesReceived ?? 0,
    audioBytes: audio?.bytesReceived ?? 0,
    packetsReceived: video?.packetsReceived ?? 0,
    packetsLost: video?.packetsLost ?? 0,
    framesDecoded: video?.framesDecoded ?? 0,
    framesDropped: video?.framesDropped ?? 0,
    decodeS: video?.totalDecodeTime ?? 0,
    jitterBufferS: video?.jitterBufferDelay ?? 0,
    jitterBufferFrames: video?.jitterBufferEmittedCount ?? 0,
    freezes: video?.freezeCount ?? 0,
    frozenS: video?.totalFreezesDuration ?? 0,
    codec: codec?.mimeType?.split('/')[1],
    width: video?.frameWidth,
    height: video?.frameHeight,
    roundTripS: pair?.currentRoundTripTime,
    path: pathOf(report, pair),
    relay: relayOf(report, pair),
    paths: pathsOf(report, pair),
  }
}

/** A number that grows whenever anything comes, pictures, sound or reports, whatever a browser counts of them. */
export function receivedAmount(report: ReadonlyMap<string, object>): number {
  let amount = 0
  for (const stats of report.values()) {
    const { bytesReceived = 0, packetsReceived = 0, reportsSent = 0 } = stats as Partial<Record<string, number>>
    amount += bytesReceived + packetsReceived + reportsSent
  }
  return amount
}
