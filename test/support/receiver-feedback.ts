import { systemClock } from '../../src/kernel/clock.ts'
import { monotonicUs } from '../../src/media/contract/monotonic.ts'
import type { RtcpPacket, SenderReport } from '../../src/wire/rtp/rtcp.ts'
import type { ReceivedRtp } from '../../src/wire/rtp/rtp-header.ts'
import { FeedbackRecorder } from './feedback-recorder.ts'
import { ownSsrc, receiverReport } from './received-media.ts'
import type { ReceivedVideo } from './received-stream.ts'

const keyframePeriodMs = 200

/** What a receiver answers to the media of one peer connection: arrivals, resend requests, reports, requests for a key picture. */
export class ReceiverFeedback {
  /** Sender reports of both streams by SSRC, the latest. */
  readonly senderReports = new Map<number, SenderReport>()
  readonly #video: ReceivedVideo
  readonly #reportedMs = new Map<number, number>()
  #recorder = new FeedbackRecorder(ownSsrc)
  /** Of whichever stream came last: feedback on the whole transport names that one, as Chromium's does. */
  #latestSsrc = 0
  #askedKeyframeMs = 0

  constructor(video: ReceivedVideo) {
    this.#video = video
  }

  /** Another peer connection: transport-wide sequence numbers begin anew. */
  restart(): void {
    this.#recorder = new FeedbackRecorder(ownSsrc)
  }

  noteArrival({ ssrc, transportSequence }: ReceivedRtp): void {
    this.#latestSsrc = ssrc
    if (transportSequence !== undefined) this.#recorder.onReceived(transportSequence, monotonicUs())
  }

  noteReport(report: SenderReport): void {
    this.senderReports.set(report.ssrc, report)
    this.#reportedMs.set(report.ssrc, systemClock.nowMs())
  }

  /** What is due now about the pictures of `mediaSsrc`, which is 0 while none have come. */
  take(mediaSsrc: number): RtcpPacket[] {
    if (this.#latestSsrc === 0) return []
    const packets: RtcpPacket[] = []
    for (let next = this.#recorder.take(this.#latestSsrc); next; next = this.#recorder.take(this.#latestSsrc)) {
      packets.push(next)
    }
    const sequences = this.#video.missing()
    if (sequences.length > 0) packets.push({ type: 'nack', senderSsrc: ownSsrc, mediaSsrc, sequences })
    const report = this.senderReports.get(mediaSsrc)
    const nowMs = systemClock.nowMs()
    if (report) packets.unshift(receiverReport(report, nowMs - (this.#reportedMs.get(report.ssrc) ?? nowMs)))
    if (mediaSsrc !== 0 && this.#video.needsKey && nowMs - this.#askedKeyframeMs > keyframePeriodMs) {
      this.#askedKeyframeMs = nowMs
      packets.push({ type: 'picture-loss', senderSsrc: ownSsrc, mediaSsrc })
    }
    return packets
  }
}
