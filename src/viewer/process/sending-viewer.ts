import { messageOf } from '../../kernel/coded-error.ts'
import type { RtpPacket } from '../../wire/rtp/rtp-packet.ts'
import { shortened, type Order, type Report } from '../link/messages.ts'
import { Viewer, type ViewerParts } from '../sending/viewer.ts'
import type { ViewerEvents } from '../contract/viewer-events.ts'
import type { RtpPackets } from '../webrtc/packets.ts'
import { readVoice } from '../webrtc/rtp-voice.ts'
import { openRtcPeer, type RtcPeerConfig } from '../webrtc/rtc-peer.ts'
import { openWebRtcWire, type WebRtcWire } from '../webrtc/wire.ts'
import type { Tally } from './tally.ts'
import { Upstream } from './upstream.ts'

/** What all viewers of a process share. */
export interface ProcessContext extends Omit<ViewerParts, 'counters' | 'captureToPacketMs' | 'clock'> {
  readonly rtc: RtcPeerConfig
  readonly packets: RtpPackets
  readonly tallies: Readonly<Record<'webrtc' | 'moonlight' | 'native', Tally>>
  /** A random number of 32 bits. */
  readonly random32: () => number
  readonly report: (report: Report) => void
  /** Hands a frame to the server. */
  readonly write: (label: 'voice' | 'input' | 'text' | 'message' | 'packet' | 'stream', frame: Uint8Array) => void
}

/** A viewer by WebRTC as its process has it. */
export interface SendingViewer {
  readonly kind: 'webrtc'
  readonly viewer: Viewer<RtpPacket>
  readonly wire: WebRtcWire
  /** The two ends have agreed on other streams, on the connection that stands. */
  configure(streams: Extract<Order, { type: 'streams' }>['streams']): void
}

/** Answers an offer. Throws ViewerError `peer-failed` when that cannot be done. */
export function openSendingViewer(context: ProcessContext, order: Extract<Order, { type: 'open' }>): SendingViewer {
  const { viewer: id, offer, limitBps } = order
  const { tallies, nowUs, report, rtc, write } = context
  const { counters } = tallies.webrtc
  let { streams } = order
  const fault = (code: string, message: string) => report({ type: 'fault', viewer: id, code, message })
  const upstream = new Upstream({ viewer: id, nowMs: () => nowUs() / 1000, write, fault })
  let wire: WebRtcWire | undefined
  const viewer = new Viewer<RtpPacket>({
    parts: { ...context, clock: rtc.clock, counters, captureToPacketMs: tallies.webrtc },
    limitBps,
    events: reporter(id, report),
    openWire: (events) => {
      wire = openWebRtcWire({
        ...context,
        openPeer: openRtcPeer,
        counters,
        offer,
        streams,
        events,
        mayRead: () => upstream.control(),
        onMalformed: () => fault('malformed-control', 'RTCP came that is none'),
        peer: {
          described: (transport) => report({ type: 'described', viewer: id, transport }),
          localCandidate: (candidate) => report({ type: 'local-candidate', viewer: id, candidate }),
          gathered: () => report({ type: 'gathered', viewer: id }),
          media(bytes) {
            events.heard()
            const unit = streams.audio && readVoice(bytes, streams.audio)
            if (unit) upstream.voice(unit)
            else counters.voicePacketsDropped++
          },
          input(channel, message) {
            events.heard()
            upstream.input(channel, message)
          },
          text(text) {
            events.heard()
            upstream.text(text)
          },
          failed(error) {
            const message = shortened(`A peer connection failed in a call: ${messageOf(error)}`)
            report({ type: 'log', level: 'warn', message })
          },
        },
      })
      return wire
    },
  })
  if (!wire) throw new TypeError('A viewer has no wire')
  const itsWire: WebRtcWire = wire
  return {
    kind: 'webrtc',
    viewer,
    wire: itsWire,
    configure(agreed) {
      const isNew = !streams.video && agreed.video !== undefined
      streams = agreed
      itsWire.configure(agreed)
      viewer.agreed({ isNew })
    },
  }
}

/** Tells the server what a viewer has to say. */
export function reporter(viewer: number, report: (report: Report) => void): ViewerEvents {
  return {
    opened: (bitrateBps) => report({ type: 'opened', viewer, bitrateBps }),
    bitrate: (bitrateBps) => report({ type: 'bitrate', viewer, bitrateBps }),
    keyframe: () => report({ type: 'keyframe', viewer }),
    resync: () => report({ type: 'resync', viewer }),
    statistics: (statistics) => report({ type: 'statistics', viewer, ...statistics }),
    observed(observation) {
      const isFailure = observation.kind === 'handshake' && observation.reason !== undefined
      const told = isFailure ? { ...observation, reason: shortened(observation.reason) } : { ...observation }
      report({ type: 'observed', viewer, observation: told })
    },
  }
}
