import { Audio, Video } from 'node-datachannel'
import type { RtcpPacket, SenderReport } from '../../src/wire/rtp/rtcp.ts'
import { transportSequenceUri } from '../../src/wire/rtp/transport-feedback.ts'

/** What a receiver of tests says of itself and of the streams that it takes. */
export const payloadTypes = { h264: 103, vp8: 96, opus: 111 } as const
export const transportExtensionId = 4
export const ownSsrc = 0x1234_5678
export const voiceSsrc = 0x2345_6789

/** Codecs best first. */
export function describeVideo(codecs: readonly ('h264' | 'vp8')[]): Video {
  const media = new Video('0', 'RecvOnly')
  for (const codec of codecs) {
    if (codec === 'vp8') media.addVideoCodec(payloadTypes.vp8, 'VP8')
    else {
      const parameters = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'
      media.addVideoCodec(payloadTypes.h264, 'H264', parameters)
    }
  }
  media.parseSdpLine(`a=extmap:${transportExtensionId} ${transportSequenceUri}`)
  return media
}

export function describeAudio(options: { feedback: boolean; voice: boolean }): Audio {
  const { feedback, voice } = options
  const media = new Audio('1', voice ? 'SendRecv' : 'RecvOnly')
  media.addOpusCodec(payloadTypes.opus)
  if (voice) media.addSSRC(voiceSsrc, 'receiver', 'voice', 'microphone')
  if (feedback) media.parseSdpLine(`a=extmap:${transportExtensionId} ${transportSequenceUri}`)
  return media
}

/** Says when the last sender report came, which makes the round trip known. */
export function receiverReport({ ssrc, ntp }: SenderReport, sinceMs: number): RtcpPacket {
  return {
    type: 'receiver-report',
    ssrc: ownSsrc,
    reports: [
      {
        ssrc,
        fractionLost: 0,
        cumulativeLost: 0,
        highestSequence: 0,
        jitter: 0,
        lastSenderReport: (((ntp.seconds & 0xffff) << 16) | (ntp.fraction >>> 16)) >>> 0,
        delaySinceLastSenderReport: Math.round((sinceMs * 65_536) / 1000),
      },
    ],
  }
}
