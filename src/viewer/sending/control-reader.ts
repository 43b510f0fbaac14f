import type { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import { decodeRtcp, ntpTimeOf, roundTripMsOf, type ReceptionReport, type RtcpPacket } from '../../wire/rtp/rtcp.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { GatewayCounters } from '../gateway-counters.ts'
import type { MediaSender } from './media-sender.ts'
import { TransportArrivals } from './transport-arrivals.ts'

export interface ControlReaderOptions {
  readonly ssrcs: { readonly video: number; readonly audio: number }
  readonly controller: BitrateController
  readonly sender: MediaSender
  readonly counters: GatewayCounters
  readonly epochMs: () => number
  readonly nowUs: () => number
  /** The viewer cannot go on without a key picture. */
  readonly onPictureLost: (nowUs: number) => void
  /** What came is no RTCP: no browser sends it. */
  readonly onMalformed: () => void
}

/** Makes a reader of what the other end says of the streams: how they arrive, what is missing, what is needed. */
export function controlReader(options: ControlReaderOptions): (bytes: Uint8Array) => void {
  const { ssrcs, controller, sender, counters, nowUs } = options
  const arrivals = new TransportArrivals()

  const readReports = (reports: readonly ReceptionReport[], now: number) => {
    const ours = reports.filter(({ ssrc }) => ssrc === ssrcs.video || ssrc === ssrcs.audio)
    if (ours.length === 0) return
    const ntp = ntpTimeOf(options.epochMs())
    for (const report of ours) {
      const roundTripMs = roundTripMsOf(report, ntp)
      if (roundTripMs !== undefined) controller.onRoundTrip(roundTripMs)
    }
    controller.onLosses(Math.max(...ours.map(({ fractionLost }) => fractionLost)), now)
  }
  const wantKeyPicture = (now: number) => {
    counters.keyframeRequests++
    options.onPictureLost(now)
  }
  const read = (packet: RtcpPacket, now: number) => {
    switch (packet.type) {
      case 'transport-feedback':
        return controller.onArrivals(arrivals.read(packet, sender.newestSent), now)
      case 'receiver-report':
      case 'sender-report':
        return readReports(packet.reports, now)
      case 'nack':
        if (packet.mediaSsrc !== ssrcs.video) return
        counters.nacks++
        counters.packetsMissed += packet.sequences.length
        if (sender.resend(packet.sequences, now)) options.onPictureLost(now)
        return
      case 'picture-loss':
        if (packet.mediaSsrc === ssrcs.video) wantKeyPicture(now)
        return
      case 'full-intra-request':
        if (packet.entries.some(({ ssrc }) => ssrc === ssrcs.video)) wantKeyPicture(now)
        return
      case 'maximum-bitrate':
        return controller.onReceiverLimit(packet.bitrateBps)
      case 'goodbye':
        return
    }
  }
  return (bytes) => {
    const now = nowUs()
    let packets: RtcpPacket[]
    try {
      packets = decodeRtcp(bytes)
    } catch (error) {
      counters.malformedControl++
      // What is only more than can be used may come from a browser.
      const isNone = error instanceof WireError && (error.code === 'malformed' || error.code === 'too-short')
      return isNone ? options.onMalformed() : undefined
    }
    for (const packet of packets) read(packet, now)
  }
}
