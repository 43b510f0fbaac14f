import type { BrowserGateway } from '../gateway/browser/browser-gateway.ts'
import type { OpenHost } from '../host/host-counters.ts'
import { budgetUnit } from '../media/encoder-budget.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { ConnectionLimits } from './http/connection-limits.ts'
import type { Web } from './open-web.ts'
import { registerProducerMetrics } from './producer-metrics.ts'
import type { Machine } from './machine.ts'

/** Adds the numbers that the parts keep themselves; they are read at each scrape. */
export function registerMetrics(
  metrics: Metrics,
  parts: {
    host: OpenHost
    gateway: BrowserGateway
    web: Web
    limits: ConnectionLimits
    machine: Pick<Machine, 'waitingRooms' | 'totals' | 'budget'>
  },
): void {
  const { host, gateway, web, limits } = parts
  const { waitingRooms, totals, budget } = parts.machine
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.pull({ name: `porchlight_${name}`, help, kind: 'gauge', read })
  const counter = (name: string, help: string, read: () => number) =>
    metrics.pull({ name: `porchlight_${name}_total`, help, kind: 'counter', read })

  gauge('lobbies', 'Lobbies that exist now', () => host.lobbies.size)
  gauge('sessions', 'Stream sessions that exist now', () => host.sessions.size)
  gauge('viewers', 'Browsers that are being sent media', () => gateway.viewers)
  gauge('signalling_sockets', 'Signalling WebSockets that are open', () => web.sockets)
  gauge('event_streams', 'Event streams that are open', () => web.eventStreams)
  gauge('stranger_connections', 'Connections to the web port that have shown no right token', () => limits.strangers)
  counter('stranger_connections_dropped', 'Connections that were ended to make room', () => limits.dropped)
  counter('requests_turned_away', 'Requests and handshakes that found no room to wait', () => limits.turnedAway)
  counter('wrong_tokens', 'Tokens that were no good', () => web.wrongTokens)
  gauge('target_bitrate_bits', 'What the paths of all viewers are believed to carry', () =>
    gateway.targetBitratesBps.reduce((sum, bps) => sum + bps, 0),
  )
  metrics.pull({
    name: 'porchlight_capture_to_packet_seconds',
    help: 'From the capture of a picture to its last packet, of the latest pictures of all viewers',
    kind: 'gauge',
    labels: ['quantile'],
    read: () =>
      [0.5, 0.95, 0.99].flatMap((quantile) => {
        const tookMs = gateway.captureToPacketMs(quantile)
        return tookMs === undefined ? [] : { labels: { quantile: String(quantile) }, value: tookMs / 1000 }
      }),
  })
  gauge('encoder_budget_units', 'What may be encoded for wishes, in 1280x720 at 60 pictures a second', () => {
    return budget.capacity / budgetUnit
  })
  gauge(
    'encoder_used_units',
    'What is encoded now, in 1280x720 at 60 pictures a second',
    () => budget.spent / budgetUnit,
  )
  counter('lobby_recoveries', 'Times something under a lobby was started again', () => host.counters.lobbyRecoveries)
  counter('waiting_room_restarts', 'Times the media process of the waiting rooms was started again', () => {
    return waitingRooms.restarts
  })
  counter(
    'inputs_dropped_waiting',
    'Input events of sessions in a waiting room or without the seat',
    () => host.counters.inputsDropped,
  )
  counter('rtp_packets_sent', 'RTP packets sent, resends among them', () => gateway.counters.packetsSent)
  counter('rtp_bytes_sent', 'Bytes of RTP sent', () => gateway.counters.bytesSent)
  counter('web_media_bytes_sent', 'Bytes of media sent through the web port', () => gateway.counters.webBytesSent)
  counter('rtp_packets_resent', 'RTP packets sent again', () => gateway.counters.packetsResent)
  counter('rtp_packets_missed', 'RTP packets that viewers asked for again', () => gateway.counters.packetsMissed)
  counter('nacks', 'Feedback messages that asked for packets again', () => gateway.counters.nacks)
  counter('keyframe_requests', 'Requests for a key picture', () => gateway.counters.keyframeRequests)
  counter('resyncs', 'Times a viewer fell behind and went on at a key picture', () => gateway.counters.resyncs)
  counter('rtcp_malformed', 'RTCP packets that could not be read', () => gateway.counters.malformedControl)
  counter('input_events', 'Input events of viewers', () => gateway.counters.inputEvents)
  counter('input_events_dropped', 'Input that was not allowed or came too fast', () => gateway.counters.inputDropped)
  counter('voice_packets', 'Packets of microphones', () => gateway.counters.voicePackets)
  counter('voice_packets_dropped', 'Packets of microphones that were not allowed, or no sound', () => {
    return gateway.counters.voicePacketsDropped
  })
  counter('handshakes_failed', 'Peer connections that never carried anything back', () => {
    return gateway.counters.failedHandshakes
  })
  metrics.pull({
    name: 'porchlight_viewer_process_restarts_total',
    help: 'Times the viewer process was started again, by what it had ended of',
    kind: 'counter',
    labels: ['cause'],
    read: () => [...gateway.viewerProcess.ends].map(([cause, value]) => ({ labels: { cause }, value })),
  })
  gauge('viewer_process_up', 'Viewer processes that are there now', () => gateway.viewerProcess.up)
  metrics.pull({
    name: 'porchlight_viewer_process_viewers',
    help: 'Viewers that live in each viewer process, by the order of their ports',
    kind: 'gauge',
    labels: ['process'],
    read: () =>
      gateway.viewerProcess.processes.map(({ viewers }, index) => ({
        labels: { process: `${index}` },
        value: viewers,
      })),
  })
  gauge('members_shut_out', 'Members who may not come back, because of what their packets did', () => {
    return gateway.viewerProcess.shutOut
  })
  registerProducerMetrics(metrics, totals)
}
