import { decodeRtcp, ntpTimeOf, roundTripMsOf, type ReceptionReport, type RtcpPacket } from '../../wire/rtp/rtcp.ts'
import { extendSequence } from '../../wire/sequence-number.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { GatewayCounters } from '../contract/gateway-counters.ts'
import type { Ssrcs } from '../link/viewer-streams.ts'
import type { WireEvents } from '../contract/viewer-wire.ts'
import { TransportArrivals } from './transport-arrivals.ts'

export interface RtcpReaderOptions {
  readonly ssrcs: Ssrcs
  /** Numbers of what was sent last: by which arrivals are reported, and of pictures. */
  readonly newest: () => { readonly report: number; readonly picture: number }
  readonly events: Pick<WireEvents, 'arrivals' | 'losses' | 'roundTrip' | 'receiverLimit' | 'missing' | 'pictureLost'>
  readonly counters: GatewayCounters
  readonly epochMs: () => number
  /** What came is no RTCP: no browser sends it. */
  readonly onMalformed: () => void
}

/** Makes a reader of what the other end says of the streams: how they arrive, what is missing, what is needed. */
export function rtcpReader(options: RtcpReaderOptions): (bytes: Uint8Array) => void {
  const { ssrcs, newest, events, counters } = options
  const arrivals = new TransportArrivals()

  const readReports = (reports: readonly ReceptionReport[]) => {
    const ours = reports.filter(({ ssrc }) => ssrc === ssrcs.video || ssrc === ssrcs.audio)
    if (ours.length === 0) return
    const ntp = ntpTimeOf(options.epochMs())
    for (const report of ours) {
      const roundTripMs = roundTripMsOf(report, ntp)
      if (roundTripMs !== undefined) events.roundTrip(roundTripMs)
    }
    events.losses(Math.max(...ours.map(({ fractionLost }) => fractionLost)))
  }
  const read = (packet: RtcpPacket) => {
    switch (packet.type) {
      case 'transport-feedback':
        return events.arrivals(arrivals.read(packet, newest().report))
      case 'receiver-report':
      case 'sender-report':
        return readReports(packet.reports)
      case 'nack': {
        if (packet.mediaSsrc !== ssrcs.video) return
        counters.nacks++
        counters.packetsMissed += packet.sequences.length
        const { picture } = newest()
        return events.missing(packet.sequences.map((sequence) => extendSequence(sequence, picture)))
      }
      case 'picture-loss':
        if (packet.mediaSsrc === ssrcs.video) events.pictureLost()
        return
      case 'full-intra-request':
        if (packet.entries.some(({ ssrc }) => ssrc === ssrcs.video)) events.pictureLost()
        return
      case 'maximum-bitrate':
        return events.receiverLimit(packet.bitrateBps)
      case 'goodbye':
        return
    }
  }
  return (bytes) => {
    let packets: RtcpPacket[]
    try {
      packets = decodeRtcp(bytes)
    } catch (error) {
      counters.malformedControl++
      // What is only more than can be used may come from a browser.
      const isNone = error instanceof WireError && (error.code === 'malformed' || error.code === 'too-short')
      return isNone ? options.onMalformed() : undefined
    }
    for (const packet of packets) read(packet)
  }
}
