import type { Clock } from '../../kernel/clock.ts'
import { encodeRtcp, ntpTimeOf } from '../../wire/rtp/rtcp.ts'
import type { RtcPeer } from '../rtc/rtc-peer.ts'
import type { MediaSender } from './media-sender.ts'
import { canonicalName, type Ssrcs } from '../link/viewer-streams.ts'

/** Tells which moment of each stream is now, so that the browser keeps lips and voice together (RFC 3550, section 6.4.1). */
export function sendSenderReports(options: {
  peer: Pick<RtcPeer, 'send'>
  ssrcs: Ssrcs
  sender: MediaSender
  clock: Clock
  nowUs: number
}): void {
  const { peer, ssrcs, sender, clock, nowUs } = options
  const ntp = ntpTimeOf(clock.epochMs())
  const report = (ssrc: number, rtpTimestamp: number, { packets, payloadBytes }: MediaSender['videoTotals']) =>
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
  if (sender.videoTotals.packets > 0) {
    peer.send(report(ssrcs.video, sender.videoTimeline.at(nowUs), sender.videoTotals))
  }
  const audioTimestamp = sender.audioTimeline.at(nowUs)
  if (audioTimestamp !== undefined) peer.send(report(ssrcs.audio, audioTimestamp, sender.audioTotals))
}
