import type { PathStanding } from '../../domain/path-standing.ts'
import type { ServerMessage } from '../../wire/signal/messages.ts'
import type { PathKind, PathRelay } from '../contract/client-path.ts'

/** What the host measures of its sending side. */
export type HostStats = Omit<Extract<ServerMessage, { type: 'stats' }>, 'type'>

/** What a viewer got over the last period, as its browser measured it. Undefined: not measured (yet). */
export interface ViewerStats {
  /** Decoded pictures a second. */
  readonly framesPerSecond: number | undefined
  readonly videoBps: number | undefined
  readonly audioBps: number | undefined
  /** Of the media path, or of signalling as long as that is not known. */
  readonly roundTripMs: number | undefined
  /** How long a picture waited for its turn, on average. */
  readonly jitterBufferMs: number | undefined
  readonly decodeMs: number | undefined
  readonly framesDecoded: number
  readonly framesDropped: number
  /** Lost packets of the period, as a share of those expected. */
  readonly lossRatio: number | undefined
  /** Times that the picture stood still while pictures were due, and how long together. */
  readonly freezes: number
  readonly frozenMs: number
  /** For instance `H264`. */
  readonly codec: string | undefined
  readonly width: number | undefined
  readonly height: number | undefined
  /** How the two ends reach each other. */
  readonly path: PathKind | undefined
  readonly relay?: PathRelay | undefined
  /** Pairs of addresses that were tried, by the other end of each. */
  readonly paths?: readonly PathStanding[] | undefined
  /** The host's last word, about once a second. */
  readonly host: HostStats | undefined
}

/** The counters of one look at an RTCPeerConnection; all but `atMs` and `path` grow for ever. */
export interface StatsSample {
  readonly atMs: number
  readonly videoBytes: number
  readonly audioBytes: number
  readonly packetsReceived: number
  readonly packetsLost: number
  readonly framesDecoded: number
  readonly framesDropped: number
  readonly decodeS: number
  readonly jitterBufferS: number
  readonly jitterBufferFrames: number
  readonly freezes: number
  readonly frozenS: number
  readonly codec: string | undefined
  readonly width: number | undefined
  readonly height: number | undefined
  readonly roundTripS: number | undefined
  readonly path: PathKind | undefined
  readonly relay?: PathRelay | undefined
  readonly paths?: readonly PathStanding[] | undefined
}

/** What happened between two samples of one connection; `previous` is undefined for the first one. */
export function deriveStats(
  previous: StatsSample | undefined,
  sample: StatsSample,
  beside: {
    host: HostStats | undefined
    signallingRoundTripMs: number | undefined
    frozen: { readonly freezes: number; readonly frozenMs: number }
  },
): ViewerStats {
  const periodS = previous ? (sample.atMs - previous.atMs) / 1000 : 0
  type Counter = { [Key in keyof StatsSample]-?: StatsSample[Key] extends number ? Key : never }[keyof StatsSample]
  const gained = (counter: Counter) => (previous ? Math.max(0, sample[counter] - previous[counter]) : 0)
  const aSecond = (counter: Counter) => (periodS > 0 ? gained(counter) / periodS : undefined)
  const each = (total: Counter, count: Counter) =>
    gained(count) > 0 ? (gained(total) / gained(count)) * 1000 : undefined
  const bits = (bytes: number | undefined) => (bytes === undefined ? undefined : Math.round(bytes * 8))
  const expected = gained('packetsReceived') + gained('packetsLost')
  return {
    framesPerSecond: aSecond('framesDecoded'),
    videoBps: bits(aSecond('videoBytes')),
    audioBps: bits(aSecond('audioBytes')),
    roundTripMs: sample.roundTripS === undefined ? beside.signallingRoundTripMs : sample.roundTripS * 1000,
    jitterBufferMs: each('jitterBufferS', 'jitterBufferFrames'),
    decodeMs: each('decodeS', 'framesDecoded'),
    framesDecoded: sample.framesDecoded,
    framesDropped: sample.framesDropped,
    lossRatio: expected > 0 ? gained('packetsLost') / expected : undefined,
    ...beside.frozen,
    codec: sample.codec,
    width: sample.width,
    height: sample.height,
    path: sample.path,
    relay: sample.relay,
    paths: sample.paths,
    host: beside.host,
  }
}
