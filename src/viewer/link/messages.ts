import { mostPaths, pathStates } from '../../domain/path-standing.ts'
import { soundLayouts } from '../../domain/sound-layout.ts'
import { videoCodecs } from '../../domain/video-codec.ts'
import * as v from 'valibot'
import { birthdayResults } from '../../net/paths/birthday-probing.ts'
import { pathPolicies } from '../../net/paths/path-policy.ts'
import { channelEnds } from '../../wire/native/sealed-message.ts'
import { mostStunServers, reachSignal } from '../../wire/reach/signals.ts'
import { violation } from '../../os/child/child-error.ts'
import { viewerModes, type ViewerObservation } from '../contract/viewer-events.ts'

const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff))
const bitrateBps = v.pipe(v.number(), v.minValue(0), v.maxValue(1e12))
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1))
const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100))
const durationMs = v.pipe(v.number(), v.minValue(0), v.maxValue(1e9))
const text = v.pipe(v.string(), v.maxLength(1024))
const payloadType = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(127))
const extensionId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(14))
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
const absent = <Output>(schema: v.GenericSchema<unknown, Output>) =>
  v.pipe(
    v.union([v.null(), v.undefined(), schema]),
    v.transform((value) => value ?? undefined),
  )

const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff))

const ice = v.object({ ufrag: text, password: text })

const peerOffer = v.object({
  ice,
  fingerprint: text,
  setup: v.picklist(['actpass', 'active', 'passive']),
  sctpPort: absent(port),
  inputChannels: v.boolean(),
  candidates: v.pipe(v.array(text), v.maxLength(64)),
})

const streams = v.object({
  ssrcs: v.object({ video: index, audio: index }),
  video: absent(
    v.object({
      payloadTypes: v.object(v.entriesFromList(videoCodecs, v.exactOptional(payloadType))),
      transportExtensionId: extensionId,
    }),
  ),
  audio: absent(
    v.object({ payloadType, transportExtensionId: extensionId, isHeard: v.boolean(), voiceSsrc: absent(index) }),
  ),
})

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))
const udpPort = v.object({ port, bindAddress: absent(text) })
/** One message of a conversation, without its contents. */
const said = v.object({ atMs: v.number(), direction: v.picklist(['sent', 'received', 'missed']), label: text })
/** Of the last messages of a conversation. */
const recording = v.pipe(v.string(), v.maxLength(1_000_000))

const streamTerms = v.object({
  connectData: index,
  pingPayloads: v.object({ audio: v.pipe(v.string(), v.length(16)), video: v.pipe(v.string(), v.length(16)) }),
  key: v.object({ secret: v.pipe(v.string(), v.hexadecimal(), v.length(32)), keyId: v.number() }),
  packetBytes: v.pipe(v.number(), v.integer(), v.minValue(256), v.maxValue(1392)),
  leastParity: count,
  encrypts: v.object({ video: v.boolean(), audio: v.boolean() }),
  soundLayout: v.picklist(soundLayouts),
  audioPacketMs: v.picklist([5, 10]),
  said: v.pipe(v.array(said), v.maxLength(64)),
  isRecorded: v.boolean(),
})

const hex = (bytes: number) => v.pipe(v.string(), v.hexadecimal(), v.length(2 * bytes))
const channelEnd = v.picklist(channelEnds)

/** Where clients of the native transport come, and as whom the process answers them. */
const nativePort = v.object({
  ...udpPort.entries,
  /** The host's secret key of X25519. */
  secret: hex(32),
  takesStrangers: v.boolean(),
  policy: v.picklist(pathPolicies),
  probesByBirthday: v.boolean(),
  /** Who is asked where the port is seen from outside. */
  stunServers: v.pipe(v.array(v.object({ address: text, port })), v.maxLength(mostStunServers)),
})

const iceServer = v.object({
  hostname: text,
  port,
  username: v.exactOptional(text),
  password: v.exactOptional(text),
  relayType: v.exactOptional(v.literal('TurnUdp')),
})
/** An ICE server as the WebRTC library takes it. */
export type NativeIceServer = v.InferOutput<typeof iceServer>

export type NativePort = v.InferOutput<typeof nativePort>

export const orderSchema = v.variant('type', [
  /** Take the port, and keep it until the end. */
  v.object({
    type: v.literal('begin'),
    udp: udpPort,
    iceServers: v.array(iceServer),
    /** That of Moonlight's clients, where they are served. */
    moonlight: absent(udpPort),
    /** That of the native transport, where it is served. */
    native: absent(nativePort),
    /** Where media processes bring pictures; nowhere when undefined, and all come here. */
    inlet: absent(v.object({ path: v.string(), key: hex(32) })),
  }),
  v.object({ type: v.literal('open'), viewer: index, offer: peerOffer, streams, limitBps: bitrateBps }),
  /** The two ends have agreed on other streams, on the connection that stands. */
  v.object({ type: v.literal('streams'), viewer: index, streams }),
  /** Wait for a Moonlight client with which this was agreed. */
  v.object({ type: v.literal('open-moonlight'), viewer: index, terms: streamTerms, limitBps: bitrateBps }),
  /** Send pictures and sound on a channel of the native transport. */
  v.object({
    type: v.literal('open-native'),
    viewer: index,
    channel: index,
    codecs: v.pipe(v.array(v.picklist(videoCodecs)), v.maxLength(videoCodecs.length)),
    audio: v.boolean(),
    limitBps: bitrateBps,
  }),
  /** What somebody has said who looks for a path to this host; the first of it begins a reach. `origin`: by which floods are told apart. */
  v.object({ type: v.literal('reach-signal'), reach: index, origin: text, signal: reachSignal }),
  /** Whether the web port carries packets of it, and what that is called. */
  v.object({ type: v.literal('reach-tunnel'), reach: index, where: absent(text) }),
  v.object({ type: v.literal('end-reach'), reach: index }),
  /** Say goodbye on a channel. */
  v.object({ type: v.literal('end-channel'), channel: index, cause: channelEnd, reason: text }),
  /** Let one of the player's pads rumble until the next of these. */
  v.object({ type: v.literal('rumble'), viewer: index, pad: count, strong: share, weak: share }),
  v.object({ type: v.literal('candidate'), viewer: index, candidate: text }),
  v.object({ type: v.literal('limit'), viewer: index, bitrateBps }),
  /** Its pictures are those of this rendition from now on, as they come at the inlet: from that one on, of this size. */
  v.object({
    type: v.literal('route'),
    viewer: index,
    media: index,
    source: index,
    rendition: index,
    from: index,
    width: side,
    height: side,
  }),
  /** It gets no pictures from the inlet any more. */
  v.object({ type: v.literal('halt'), viewer: index }),
  v.object({ type: v.literal('close'), viewer: index }),
])
/** What the server tells its viewer process. Viewers are numbered by the server; no number is used twice. */
export type Order = v.InferOutput<typeof orderSchema>

const observation = v.variant('kind', [
  v.object({ kind: v.literal('handshake'), ok: v.boolean(), tookMs: durationMs, reason: absent(text) }),
  v.object({
    kind: v.literal('path'),
    path: v.picklist(['direct', 'relayed', 'web-port']),
    local: text,
    remote: text,
    why: v.optional(absent(text)),
  }),
  v.object({
    kind: v.literal('adaptation'),
    fromBps: bitrateBps,
    toBps: bitrateBps,
    cause: v.picklist(['delay', 'loss', 'probe', 'path']),
  }),
  v.object({
    kind: v.literal('parity'),
    fromPercent: percent,
    toPercent: percent,
    lossRatio: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  }),
  v.object({
    kind: v.literal('mode'),
    to: v.picklist(viewerModes),
    cause: v.picklist(['silence', 'heard', 'loss', 'bursts', 'calm']),
  }),
  v.object({ kind: v.literal('freeze'), durationMs }),
  v.object({
    kind: v.literal('probing'),
    result: v.picklist(birthdayResults),
    part: v.picklist(['many sockets', 'many ports']),
    probes: count,
    sockets: count,
    tookMs: durationMs,
  }),
]) satisfies v.GenericSchema<unknown, ViewerObservation>

/** Pictures of many viewers in a tenth of a second. */
const mostLatencies = 256

const ofViewer = { viewer: index }
export const reportSchema = v.variant('type', [
  /** `moonlight`, `native`: why that port cannot be had; all else is served. */
  v.object({ type: v.literal('begun'), moonlight: absent(text), native: absent(text) }),
  /** The port cannot be had. */
  v.object({ type: v.literal('port-refused'), reason: text }),
  v.object({
    type: v.literal('described'),
    ...ofViewer,
    transport: v.object({ ice, fingerprint: text, setup: v.picklist(['active', 'passive']) }),
  }),
  /** The Moonlight client has come, and proved that it has the key. */
  v.object({ type: v.literal('recognised'), ...ofViewer }),
  /** A channel of the native transport is open: its handshake is done, and nothing was said on it. */
  v.object({ type: v.literal('channel'), channel: index, publicKey: hex(32), origin: text, path: text }),
  /** What is to be said to who looks for a path. */
  v.object({ type: v.literal('reach-signal'), reach: index, signal: reachSignal }),
  /** Nobody is reached by it any more. */
  v.object({ type: v.literal('reach-over'), reach: index, reason: text }),
  /** It is over. */
  v.object({
    type: v.literal('channel-over'),
    channel: index,
    cause: channelEnd,
    by: v.picklist(['here', 'peer']),
    reason: text,
  }),
  v.object({ type: v.literal('local-candidate'), ...ofViewer, candidate: text }),
  v.object({ type: v.literal('gathered'), ...ofViewer }),
  /** Pictures and sound can be sent; so much of pictures. */
  v.object({ type: v.literal('opened'), ...ofViewer, bitrateBps }),
  v.object({ type: v.literal('bitrate'), ...ofViewer, bitrateBps }),
  v.object({ type: v.literal('keyframe'), ...ofViewer }),
  v.object({ type: v.literal('resync'), ...ofViewer }),
  v.object({ type: v.literal('observed'), ...ofViewer, observation }),
  /** Once a second. `heard`: the other end has said something since the last. */
  v.object({
    type: v.literal('statistics'),
    ...ofViewer,
    targetBps: bitrateBps,
    sentBps: bitrateBps,
    roundTripMs: durationMs,
    lossRatio: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    /** In which no picture was due, since the viewer was opened. */
    restMs: v.pipe(v.number(), v.minValue(0)),
    parityPercent: v.optional(absent(percent)),
    mode: v.picklist(viewerModes),
    overview: v.optional(
      absent(
        v.object({
          because: v.optional(absent(text)),
          paths: v.pipe(
            v.array(
              v.object({
                name: text,
                state: v.picklist(pathStates),
                roundTripMs: v.optional(absent(durationMs)),
                lossRatio: v.optional(absent(share)),
              }),
            ),
            v.maxLength(mostPaths),
            v.readonly(),
          ),
        }),
      ),
    ),
    heard: v.boolean(),
  }),
  /** The client broke the protocol. */
  v.object({ type: v.literal('fault'), ...ofViewer, code: text, message: text }),
  /** What its client and this host have said to each other, at the end. */
  v.object({ type: v.literal('recording'), ...ofViewer, recording }),
  /** The viewer has ended by itself. */
  v.object({ type: v.literal('ended'), ...ofViewer, reason: text }),
  /** What was counted, and how long pictures took from capture to their last packet, since the last of these. */
  v.object({
    type: v.literal('tally'),
    /** Of the viewers that are on it. */
    wire: v.picklist(['webrtc', 'moonlight', 'native']),
    counts: v.record(v.pipe(v.string(), v.maxLength(64)), v.pipe(v.number(), v.minValue(0))),
    latenciesMs: v.pipe(v.array(v.number()), v.maxLength(mostLatencies)),
    /** What came to nothing of what strangers sent, by why. */
    refusals: v.record(v.pipe(v.string(), v.maxLength(64)), v.pipe(v.number(), v.minValue(0))),
  }),
  /** A thread of the library spins; these viewers have not been heard since it began. The process ends itself. */
  v.object({ type: v.literal('stuck'), viewers: v.pipe(v.array(index), v.maxLength(10_000)) }),
  v.object({ type: v.literal('log'), level: v.picklist(['debug', 'info', 'warn', 'error']), message: text }),
])
/** What the process tells the server, beside what viewers send. */
export type Report = v.InferOutput<typeof reportSchema>

/** Throws ChildError `protocol-violation`. */
export function parseOrder(value: unknown): Order {
  return parse(orderSchema, value)
}

/** Throws ChildError `protocol-violation`. */
export function parseReport(value: unknown): Report {
  return parse(reportSchema, value)
}

function parse<Output>(schema: v.GenericSchema<unknown, Output>, value: unknown): Output {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const [issue] = result.issues
  throw violation(`a message is wrong at "${v.getDotPath(issue) ?? ''}": ${issue.message}`)
}

/** As much of it as a report can carry. */
export function shortened(value: string): string {
  return value.slice(0, 1024)
}
