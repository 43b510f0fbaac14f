import type { Clock } from '../../kernel/clock.ts'
import { encodeRtcp, ntpTimeOf } from '../../wire/rtp/rtcp.ts'
import { canonicalName, type Ssrcs } from '../link/viewer-streams.ts'
import type { RtcPeer } from './rtc-peer.ts'
import type { RtpStreams, StreamTotals } from './rtp-streams.ts'

/** Tells which moment of each stream is now, so that the browser keeps lips and voice together (RFC 3550, section 6.4.1). */
export function sendSenderReports(options: {
  peer: Pick<RtcPeer, 'send'>
  ssrcs: Ssrcs
  rtp: RtpStreams
  clock: Clock
  nowUs: number
}): void {
  const { peer, ssrcs, rtp, clock, nowUs } = options
  const ntp = ntpTimeOf(clock.epochMs())
  const report = (ssrc: number, rtpTimestamp: number, { packets, payloadBytes }: StreamTotals) =>
    encodeRtcp(
      [
        {
          type: 'sender-report',
          ssrc,
          ntp,
          rtpTimestamp,
          packetCount: packets >>> 0,
          payloadBytes: payloadBytes >>> 0,
          reports: [],
        },
      ],
      { ssrc, name: canonicalName },
    )
  if (rtp.videoTotals.packets > 0) {
    peer.send(report(ssrcs.video, rtp.videoTimeline.at(nowUs), rtp.videoTotals))
  }
  const audioTimestamp = rtp.audioTimeline.at(nowUs)
  if (audioTimestamp !== undefined) peer.send(report(ssrcs.audio, audioTimestamp, rtp.audioTotals))
}
