import * as v from 'valibot'
import { mostPaths, pathStates } from '../../domain/path-standing.ts'
import { largestShapeSide, mostShapeFps, mostShapePixels, smallestShapeSide } from '../../domain/picture-shape.ts'
import { videoCodecs } from '../../domain/video-codec.ts'
import { maxPartUnits } from './clipboard-parts.ts'
import { role } from './role.ts'
import { deliveredMessage, deliverMessage, textsMessage } from './deliveries.ts'
import { seatsMessage } from './seats.ts'
import { voicesMessage } from './voices.ts'

/**
 * Signalling between a browser and the host: JSON text messages over one WebSocket (seed 003). `ready`, `offer`,
 * `signal`, `ping`, `pong`, `reconnect` and `reconnect-ack` are the seed's; what else a message or the list carries is
 * optional for a client. Unknown fields are ignored, unknown types are refused.
 */
export const signalProtocolVersion = 1

/**
 * The WebSocket subprotocol. A token travels beside it as `bearer.<token>`, never in the URL. Only the token of an invitation
 * may stand there, as `?invite=<token>`, for clients that know nothing but an address; they need not name a subprotocol.
 */
export const signalSubprotocol = 'porchlight.v1'
export const bearerSubprotocolPrefix = 'bearer.'
export const inviteParameter = 'invite'
/**
 * A client tells beside it, as `conversation.<fingerprint>`, by which version of signalling it was made. Left out: it is held to
 * the host's, message by message.
 */
export const versionSubprotocolPrefix = 'conversation.'
const fingerprint = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, 'a fingerprint of 16 digits'))

/** Larger messages end the connection; a browser's offer has about 6,000 characters. */
export const maxSignalBytes = 128 * 1024

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const timestamp = v.pipe(v.number(), v.finite())
const sdp = v.pipe(v.string(), v.minLength(1), v.maxLength(64 * 1024))

const iceServer = v.object({
  urls: v.union([v.string(), v.array(v.string())]),
  username: v.optional(v.string()),
  credential: v.optional(v.string()),
})
export type IceServer = v.InferOutput<typeof iceServer>
const iceServers = {
  iceServers: v.array(iceServer),
  /**
   * For so long these are good, in milliseconds: who may need them later asks again with `ice-servers` before. Left out where they stay.
   */
  iceServersForMs: v.optional(v.pipe(v.number(), v.minValue(0))),
}

const candidate = v.object({
  type: v.literal('candidate'),
  /** `candidate:...` as in RFC 8839; empty at the end of candidates. */
  candidate: v.pipe(v.string(), v.maxLength(1024)),
  sdpMid: v.optional(v.pipe(v.string(), v.maxLength(32))),
})
const clipboardPart = { text: v.pipe(v.string(), v.maxLength(maxPartUnits)), more: v.boolean() }
const videoCodec = v.picklist(videoCodecs)
const shapeSide = v.pipe(v.number(), v.integer(), v.minValue(smallestShapeSide), v.maxValue(largestShapeSide))
const pictureShape = v.pipe(
  v.object({
    width: shapeSide,
    height: shapeSide,
    maxFps: v.pipe(v.number(), v.minValue(1), v.maxValue(mostShapeFps)),
  }),
  v.check(({ width, height }) => width * height <= mostShapePixels, 'Wanted no more pixels than 4096x2304 has'),
)
/**
 * What was asked for and what is given: null is what suits the path. Where they differ it is the nearest that the host can encode now,
 * and `reason` says why.
 */
const shapeOffer = {
  asked: v.nullable(pictureShape),
  given: v.nullable(pictureShape),
  reason: v.optional(v.string()),
}
/** Where in a picture the app is shown, in pixels. */
const pictureRect = v.object({ x: v.number(), y: v.number(), width: v.number(), height: v.number() })
const ping = v.object({ type: v.literal('ping'), timestamp })
const pong = v.object({ type: v.literal('pong'), timestamp })

/** What a client may say. */
export const clientMessage = v.variant('type', [
  v.object({ type: v.literal('offer'), signal: v.object({ type: v.literal('offer'), sdp }) }),
  candidate,
  /** Enter a lobby; the stream that runs already switches to it. */
  v.object({ type: v.literal('join'), lobbyId: id }),
  /** Enter the lobby of who has named none: that of the invitation, else the oldest. Who wants media is led there without it. */
  v.object({ type: v.literal('lead') }),
  /** Back to the waiting room. */
  v.object({ type: v.literal('leave') }),
  /** Instead of an offer's fresh session: the one that was lost. The token is good for one use. */
  v.object({
    type: v.literal('reconnect'),
    sessionId: id,
    resumeToken: v.optional(v.pipe(v.string(), v.maxLength(128))),
  }),
  /** The most that this viewer wants to be sent, 0 for no limit of its own. */
  v.object({ type: v.literal('limit'), bitrateBps: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e9)) }),
  /** Pictures of exactly this size, letterboxed, and no more a second; null for what suits the path. Answered by `shape`. */
  v.object({ type: v.literal('shape'), shape: v.nullable(pictureShape) }),
  /** What ICE servers there are now: the credentials of those that were told may expire. Answered by `ice-servers`. */
  v.object({ type: v.literal('ice-servers') }),
  /** Whether to be told, with `clipboard`, what the app copies; not unless it is asked for. */
  v.object({ type: v.literal('clipboard-follow'), on: v.boolean() }),
  /** Text for the app to paste, one part after the other. */
  v.object({ type: v.literal('clipboard-write'), ...clipboardPart }),
  /** A part of the host's has come; the next may. */
  v.object({ type: v.literal('clipboard-taken') }),
  /**
   * Asks for a ticket to the media socket, which is only there where `ready` says so. `codecs`: what can be decoded, best
   * first.
   */
  v.object({
    type: v.literal('web-media'),
    codecs: v.pipe(v.array(videoCodec), v.minLength(1), v.maxLength(videoCodecs.length)),
    audio: v.boolean(),
  }),
  deliverMessage,
  ping,
  pong,
  /** Leaving for good: the session ends now and cannot be resumed. */
  v.object({ type: v.literal('bye') }),
])
export type ClientMessage = v.InferOutput<typeof clientMessage>

/** Who sent the session to where it is, and why, as far as they said; for people. */
const sent = v.object({ by: v.string(), reason: v.optional(v.string()) })

/** Where a session is. With `sent`, that is not where its client has asked to be: it is not to ask again for what it had. */
const place = v.variant('kind', [
  v.object({ kind: v.literal('waiting-room'), lobbyId: v.optional(id), reason: v.string(), sent: v.optional(sent) }),
  v.object({ kind: v.literal('lobby'), lobbyId: id, sent: v.optional(sent) }),
])
export type Place = v.InferOutput<typeof place>

/** What the host may say. */
export const serverMessage = v.variant('type', [
  v.object({
    type: v.literal('ready'),
    /** The session's id; for a client that knows only seed 003 a secret that stands for it, good for one return. */
    id,
    protocolVersion: v.literal(signalProtocolVersion),
    /** The fingerprint of the host's version of signalling, for clients that are newer. */
    conversation: v.optional(fingerprint),
    ...iceServers,
    /** Secret with which this session can be resumed after a loss; replaced at each `ready` and `reconnect-ack`. */
    resumeToken: v.optional(v.string()),
    role: v.optional(role),
    /** Who one is to the others; the same in all sessions that one's token opens. */
    memberId: v.optional(v.string()),
    /** Media can also come over a WebSocket; see `web-media`. */
    webMedia: v.optional(v.boolean()),
    /** It is said on a channel of the native transport: media come on that, asked for by `web-media`, and no offer is taken. */
    native: v.optional(v.boolean()),
  }),
  v.object({ type: v.literal('signal'), signal: v.object({ type: v.literal('answer'), sdp }) }),
  /** The answer to an offer that cannot be answered; the client may make another one. */
  v.object({ type: v.literal('offer-refused'), code: v.string(), message: v.string() }),
  candidate,
  /** What the client may do has changed from what `ready` or the last such message said. */
  v.object({ type: v.literal('role'), role }),
  v.object({
    type: v.literal('reconnect-ack'),
    success: v.boolean(),
    sessionId: id,
    historyRecovered: v.boolean(),
    resumeToken: v.optional(v.string()),
  }),
  /** Sent after `ready` and at every change. */
  v.object({ type: v.literal('place'), place }),
  /** What there is for the shape that was asked for; what becomes of it later stands in `stats`. */
  v.object({ type: v.literal('shape'), ...shapeOffer }),
  /** For connections that are begun from now on; those that stand keep what they have. */
  v.object({ type: v.literal('ice-servers'), ...iceServers }),
  /** What the app has copied, one part after the other. */
  v.object({ type: v.literal('clipboard'), ...clipboardPart }),
  /** A part of the client's has come; when it was the last, the app would paste it now. */
  v.object({ type: v.literal('clipboard-written') }),
  /** The text was not taken, nor will the rest of it be. */
  v.object({ type: v.literal('clipboard-refused'), code: v.string(), message: v.string() }),
  /** Secret, good for one media socket that is opened within a few seconds. */
  v.object({ type: v.literal('web-media-ticket'), ticket: v.pipe(v.string(), v.minLength(1), v.maxLength(128)) }),
  v.object({ type: v.literal('web-media-refused'), code: v.string(), message: v.string() }),
  deliveredMessage,
  textsMessage,
  seatsMessage,
  voicesMessage,
  /** What the app wants felt on one of the client's gamepads (0 to 3); strengths from 0 to 1. */
  v.object({
    type: v.literal('rumble'),
    pad: v.number(),
    strong: v.number(),
    weak: v.number(),
    durationMs: v.number(),
  }),
  /** What was asked cannot be done; the connection goes on unless it is closed right after. */
  v.object({ type: v.literal('error'), code: v.string(), message: v.string() }),
  /** Measured by the host, about once a second: what it sends and what it believes the path can carry. */
  v.object({
    type: v.literal('stats'),
    targetBps: v.number(),
    sentBps: v.number(),
    roundTripMs: v.number(),
    lossRatio: v.number(),
    /** Time in which the screen was at rest and no picture was due, in all, in milliseconds. */
    restMs: v.optional(v.number()),
    /** How much parity goes with each picture, in percent of its packets; left out where none does. */
    parityPercent: v.optional(v.number()),
    /** `pictures`, `bad-network` (fewer and smaller, with more parity) or `sound-alone`; hosts to come may have others. */
    mode: v.optional(v.string()),
    /** Left out while no shape is asked for. */
    shape: v.optional(v.object(shapeOffer)),
    rendition: v.optional(
      v.object({
        codec: videoCodec,
        encoder: v.string(),
        width: v.number(),
        height: v.number(),
        fps: v.number(),
        bitrateBps: v.number(),
        /** Where the app is shown in the picture; the rest of it is black. */
        content: v.optional(pictureRect),
      }),
    ),
    /** By which path media goes, as the host sees it; left out before any has. */
    path: v.optional(
      v.object({
        kind: v.picklist(['direct', 'relayed', 'web-port']),
        /** `first`, `better`, `fallback`, `lost` or `moved`; hosts to come may have others. */
        reason: v.string(),
        /** Where the client is seen, with what sort of address that is: `relay 203.0.113.1:50000`. */
        remote: v.string(),
        /** In words, with what else there is, where ends choose among paths. */
        why: v.optional(v.string()),
        /** The same in few words, for the path that is taken alone. */
        because: v.optional(v.string()),
        /** How each path stands, where ends choose among them: the one that is taken first, then those that answer. */
        paths: v.optional(
          v.pipe(
            v.array(
              v.object({
                name: v.string(),
                state: v.picklist(pathStates),
                roundTripMs: v.optional(v.number()),
                lossRatio: v.optional(v.number()),
              }),
            ),
            v.maxLength(mostPaths),
            v.readonly(),
          ),
        ),
      }),
    ),
  }),
  ping,
  pong,
])
export type ServerMessage = v.InferOutput<typeof serverMessage>

/** What is said to a client that names no subprotocol: the messages of seed 003, and what went wrong. */
export const plainMessages: ReadonlySet<ServerMessage['type']> = new Set([
  'ready',
  'signal',
  'reconnect-ack',
  'ping',
  'pong',
  'offer-refused',
  'error',
])

/** Close codes of the signalling WebSocket beside RFC 6455's own. */
export const signalCloseCode = {
  /** The last message broke the protocol; the reason says how. */
  protocolViolation: 4400,
  /** The token was revoked or has expired. */
  revoked: 4401,
  /** The session was ended on the host: by the owner, or idle for too long. */
  sessionEnded: 4403,
  /** The client was made for a version of signalling that is not safe with this one; an `error` before says why. */
  incompatible: 4426,
  /** Too many messages in too short a time. */
  flood: 4429,
} as const
