import type { GatewayName } from '../domain/gateway-name.ts'
import type { BrowserGateway } from '../gateway/browser/browser-gateway.ts'
import type { OpenHost } from '../host/host-counters.ts'
import { budgetUnit } from '../media/encoder-budget.ts'
import type { Metrics, PulledMetric } from '../observe/metrics.ts'
import type { GatewayCounters } from '../viewer/contract/gateway-counters.ts'
import type { GatewayFigures } from '../viewer/contract/gateway-figures.ts'
import type { ConnectionLimits } from './http/connection-limits.ts'
import type { Web } from './open-web.ts'
import { registerProducerMetrics } from './producer-metrics.ts'
import type { Machine } from './machine.ts'

/** What each gateway counts, and what that is called. */
const gatewayCounts: readonly (readonly [count: keyof GatewayCounters, name: string, help: string])[] = [
  ['packetsSent', 'rtp_packets_sent', 'RTP packets sent, resends among them'],
  ['bytesSent', 'rtp_bytes_sent', 'Bytes of RTP sent'],
  ['webBytesSent', 'web_media_bytes_sent', 'Bytes of media sent through the web port'],
  ['packetsResent', 'rtp_packets_resent', 'RTP packets sent again'],
  ['packetsMissed', 'rtp_packets_missed', 'RTP packets that viewers asked for again'],
  ['nacks', 'nacks', 'Feedback messages that asked for packets again'],
  ['packetsLost', 'packets_lost', 'Packets that viewers told to be lost, where parity is to repair them'],
  ['picturesRepaired', 'pictures_repaired', 'Pictures, or blocks of them, that were made whole by their parity'],
  ['picturesUnrepaired', 'pictures_unrepaired', 'Those that were lost in spite of it'],
  ['keyframeRequests', 'keyframe_requests', 'Requests for a key picture'],
  ['resyncs', 'resyncs', 'Times a viewer fell behind and went on at a key picture'],
  ['malformedControl', 'rtcp_malformed', 'RTCP packets that could not be read'],
  ['inputEvents', 'input_events', 'Input events of viewers'],
  ['inputDropped', 'input_events_dropped', 'Input that was not allowed or came too fast'],
  ['voicePackets', 'voice_packets', 'Packets of microphones'],
  ['voicePacketsDropped', 'voice_packets_dropped', 'Packets of microphones that were not allowed, or no sound'],
  ['failedHandshakes', 'handshakes_failed', 'Connections of viewers that never carried anything back'],
]

/** Adds the numbers that the parts keep themselves; they are read at each scrape. */
export function registerMetrics(
  metrics: Metrics,
  parts: {
    host: OpenHost
    /** The ways in that there are. */
    gateways: Readonly<Partial<Record<GatewayName, GatewayFigures>>>
    viewerProcess: BrowserGateway['viewerProcess']
    web: Web
    limits: ConnectionLimits
    machine: Pick<Machine, 'waitingRooms' | 'totals' | 'budget'>
  },
): void {
  const { host, gateways, viewerProcess, web, limits } = parts
  const { waitingRooms, totals, budget } = parts.machine
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.pull({ name: `porchlight_${name}`, help, kind: 'gauge', read })
  const ofGateways = (name: string, help: string, kind: PulledMetric['kind'], read: (of: GatewayFigures) => number) =>
    metrics.pull({
      name: `porchlight_${name}`,
      help,
      kind,
      labels: ['gateway'],
      read: () => Object.entries(gateways).map(([gateway, of]) => ({ labels: { gateway }, value: read(of) })),
    })
  const counter = (name: string, help: string, read: () => number) =>
    metrics.pull({ name: `porchlight_${name}_total`, help, kind: 'counter', read })

  gauge('lobbies', 'Lobbies that exist now', () => host.lobbies.size)
  gauge('sessions', 'Stream sessions that exist now', () => host.sessions.size)
  ofGateways('viewers', 'Viewers that are being sent media', 'gauge', ({ viewers }) => viewers)
  gauge('signalling_sockets', 'Signalling WebSockets that are open', () => web.sockets)
  gauge('event_streams', 'Event streams that are open', () => web.eventStreams)
  gauge('stranger_connections', 'Connections to the web port that have shown no right token', () => limits.strangers)
  counter('stranger_connections_dropped', 'Connections that were ended to make room', () => limits.dropped)
  counter('requests_turned_away', 'Requests and handshakes that found no room to wait', () => limits.turnedAway)
  counter('wrong_tokens', 'Tokens that were no good', () => web.wrongTokens)
  ofGateways('target_bitrate_bits', 'What the paths of all viewers are believed to carry', 'gauge', (gateway) =>
    gateway.targetBitratesBps.reduce((sum, bps) => sum + bps, 0),
  )
  metrics.pull({
    name: 'porchlight_capture_to_packet_seconds',
    help: 'From the capture of a picture to its last packet, of the latest pictures of all viewers',
    kind: 'gauge',
    labels: ['quantile', 'gateway'],
    read: () =>
      Object.entries(gateways).flatMap(([gateway, of]) =>
        [0.5, 0.95, 0.99].flatMap((quantile) => {
          const tookMs = of.captureToPacketMs(quantile)
          return tookMs === undefined ? [] : { labels: { quantile: String(quantile), gateway }, value: tookMs / 1000 }
        }),
      ),
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
  for (const [count, name, help] of gatewayCounts) {
    ofGateways(`${name}_total`, help, 'counter', ({ counters }) => counters[count])
  }
  metrics.pull({
    name: 'porchlight_viewer_process_restarts_total',
    help: 'Times the viewer process was started again, by what it had ended of',
    kind: 'counter',
    labels: ['cause'],
    read: () => [...viewerProcess.ends].map(([cause, value]) => ({ labels: { cause }, value })),
  })
  metrics.pull({
    name: 'porchlight_admissions_refused_total',
    help: 'Times a device at the door was told no: what its link, its PIN or its key was, or that it tries too often',
    kind: 'counter',
    labels: ['cause', 'gateway'],
    read: () =>
      Object.entries(gateways).flatMap(([gateway, { refusals }]) =>
        [...(refusals ?? [])].map(([cause, value]) => ({ labels: { cause, gateway }, value })),
      ),
  })
  metrics.pull({
    name: 'porchlight_packets_refused_total',
    help: 'What strangers sent to the port of the native transport and came to nothing, by why',
    kind: 'counter',
    labels: ['cause', 'gateway'],
    read: () =>
      [...viewerProcess.measures.native.refusals].map(([cause, value]) => ({
        labels: { cause, gateway: 'native' },
        value,
      })),
  })
  gauge('viewer_process_up', 'Viewer processes that are there now', () => viewerProcess.up)
  metrics.pull({
    name: 'porchlight_viewer_process_viewers',
    help: 'Viewers that live in each viewer process, by the order of their ports',
    kind: 'gauge',
    labels: ['process'],
    read: () =>
      viewerProcess.processes.map(({ viewers }, index) => ({
        labels: { process: `${index}` },
        value: viewers,
      })),
  })
  gauge('members_shut_out', 'Members who may not come back, because of what their packets did', () => {
    return viewerProcess.shutOut
  })
  registerProducerMetrics(metrics, totals)
}
