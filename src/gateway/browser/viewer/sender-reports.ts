import type { Clock } from '../../../kernel/clock.ts'
import { encodeRtcp, ntpTimeOf } from '../../../wire/rtp/rtcp.ts'
import type { RtcPeer } from '../rtc/rtc-peer.ts'
import type { MediaSender } from './media-sender.ts'

/** One name for both streams: the receiver plays those of one name together (RFC 3550, section 6.5.1). */
const canonicalName = 'porchlight'

/** Tells which moment of each stream is now, so that the browser keeps lips and voice together (RFC 3550, section 6.4.1). */
export function sendSenderReports(options: { peer: RtcPeer; sender: MediaSender; clock: Clock; nowUs: number }): void {
  const { peer, sender, clock, nowUs } = options
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
    peer.sendVideo(report(peer.videoSsrc, sender.videoTimeline.at(nowUs), sender.videoTotals))
  }
  const audioTimestamp = sender.audioTimeline.at(nowUs)
  if (audioTimestamp !== undefined) peer.sendAudio(report(peer.audioSsrc, audioTimestamp, sender.audioTotals))
}
