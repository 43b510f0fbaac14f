import type { RtpPacket } from '../../wire/rtp/rtp-packet.ts'
import type { GatewayCounters } from '../contract/gateway-counters.ts'
import { rateKnownBy, type ViewerStreams } from '../link/viewer-streams.ts'
import type { SilenceRule, ViewerWire, WireEvents } from '../contract/viewer-wire.ts'
import { rtcpReader } from './answers.ts'
import { padding, type RtpPackets } from './packets.ts'
import type { PeerOffer } from './peer-offer.ts'
import type { openRtcPeer, RtcPeer, RtcPeerConfig, RtcPeerEvents } from './rtc-peer.ts'
import { RtpStreams } from './rtp-streams.ts'
import { sendSenderReports } from './sender-reports.ts'

export interface WebRtcWireOptions {
  readonly rtc: RtcPeerConfig
  readonly openPeer: typeof openRtcPeer
  readonly packets: RtpPackets
  readonly counters: GatewayCounters
  readonly random32: () => number
  readonly offer: PeerOffer
  readonly streams: ViewerStreams
  readonly events: WireEvents
  /** Everything else that the connection carries, and how it is answered. */
  readonly peer: Omit<RtcPeerEvents, 'mediaOpen' | 'control'>
  /** Whether one more RTCP packet may be read. */
  readonly mayRead: () => boolean
  /** What came is no RTCP: no browser sends it. */
  readonly onMalformed: () => void
}

/** What a viewer's wire by WebRTC is beside others. */
export interface WebRtcWire extends ViewerWire<RtpPacket> {
  /** A candidate of the other end, as `readCandidate` gives it. */
  candidate(line: string): void
  /** The two ends have agreed on other streams, on the connection that stands. */
  configure(streams: ViewerStreams): void
}

/** ICE and DTLS have to be through by then; browsers that get packets report on them about once a second, whatever happens. */
const silence: SilenceRule = { openWithinMs: 20_000, answerWithinMs: 4000, limitMs: 3000, outcome: 'hold' }
/** Often enough for a client to know within a second that nothing comes any more, though nothing moves on the screen. */
const reportPeriodUs = 400_000
/** 10 ms packets of 128 kbit/s with their headers. */
const expectedSoundBps = 145_000

/** Answers an offer. Throws ViewerError `peer-failed` when that cannot be done. */
export function openWebRtcWire(options: WebRtcWireOptions): WebRtcWire {
  const { rtc, packets, counters, events, mayRead } = options
  const { ssrcs } = options.streams
  let { streams } = options
  let isOpen = false
  let nextReportUs = 0
  const rtp = new RtpStreams(streams, options.random32)
  const read = rtcpReader({
    ssrcs,
    newest: () => rtp.newest,
    events: { ...events, missing: (numbers) => events.missing(rtp.ownNumbers(numbers)) },
    counters,
    epochMs: () => rtc.clock.epochMs(),
    onMalformed: options.onMalformed,
  })
  const peer: RtcPeer = options.openPeer({
    config: rtc,
    offer: options.offer,
    events: {
      ...options.peer,
      mediaOpen() {
        isOpen = true
        events.opened()
        // Nothing is to be reported on, but the handshake has gone both ways.
        if (!streams.video) events.heard()
      },
      control(bytes) {
        events.heard()
        if (mayRead()) read(bytes)
      },
    },
  })
  void peer.closed.then((end) => end.kind === 'error' && events.gone(end.error))

  return {
    repair: 'resend',
    silence,
    padding,
    get expectedSoundBps() {
      return streams.audio ? expectedSoundBps : 0
    },
    get rateKnownBy() {
      return rateKnownBy(streams)
    },
    // Reports on sound alone are rare, and who is sent nothing has none: the library sees to it that the other end is there.
    get isOwed() {
      return !isOpen || streams.video !== undefined
    },
    takes: (codec) => rtp.takes(codec),
    get takesSound() {
      return rtp.takesSound
    },
    picturePackets: (unit) => packets.picture(unit),
    soundPacket: (unit) => packets.sound(unit),
    markPicture: (unit) => rtp.markPicture(unit),
    markSound: (unit) => rtp.markSound(unit),
    pointersPacket(message) {
      peer.sendPointers(message)
      return undefined
    },
    send(leaving) {
      const bytes = rtp.write(leaving)
      if (!bytes || !peer.send(bytes)) return 0
      rtp.sent(leaving)
      counters.packetsSent++
      counters.bytesSent += bytes.length
      if (leaving.lane === 'resend') counters.packetsResent++
      return bytes.length
    },
    isReported: (lane) => lane !== 'audio' || rtp.reportsSound,
    hasRoom: () => true,
    path: () => peer.path(),
    tick(nowUs) {
      if (nowUs < nextReportUs) return
      nextReportUs = nowUs + reportPeriodUs
      sendSenderReports({ peer, ssrcs, rtp, clock: rtc.clock, nowUs })
    },
    candidate: (line) => peer.addCandidate(line),
    configure(agreed) {
      streams = agreed
      rtp.configure(agreed)
    },
    close: () => peer.close(),
  }
}
