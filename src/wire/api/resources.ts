import * as v from 'valibot'
import { role } from '../signal/messages.ts'

/**
 * The resources of the REST API under `/api/v1`, as both ends check them. Times are ISO 8601 in UTC. Errors are
 * `application/problem+json` (RFC 9457), see {@link problem}.
 */
export const apiPrefix = '/api/v1'

const text = (maxLength: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(maxLength))

export const problem = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  /** Machine-readable: `lobby-not-found`, `forbidden`, `invalid-request`, ... */
  code: v.string(),
  detail: v.optional(v.string()),
})
export type Problem = v.InferOutput<typeof problem>

export const size = v.object({
  width: v.pipe(v.number(), v.integer(), v.minValue(320), v.maxValue(3840)),
  height: v.pipe(v.number(), v.integer(), v.minValue(240), v.maxValue(2160)),
})
export const layout = v.picklist(['us', 'de', 'fr'])
/** Whether a lobby comes back when the server is started again. */
export const restart = v.picklist(['always', 'never'])

/** `GET /me` */
export const me = v.object({
  name: v.string(),
  role,
  lobbyId: v.nullable(v.string()),
  expiresAt: v.nullable(v.string()),
})
export type Me = v.InferOutput<typeof me>

/** `GET /apps` lists them. One that cannot run says why and how to change that. */
export const app = v.object({
  id: v.string(),
  title: v.string(),
  available: v.boolean(),
  unavailableReason: v.nullable(v.string()),
})
export type AppView = v.InferOutput<typeof app>

/** `GET /lobbies`, `GET /lobbies/:id` */
export const lobby = v.object({
  id: v.string(),
  title: v.string(),
  appId: v.string(),
  status: v.picklist(['starting', 'running', 'recovering', 'ended']),
  /** Why it is not running, for people. */
  reason: v.nullable(v.string()),
  width: v.number(),
  height: v.number(),
  fps: v.number(),
  resizable: v.boolean(),
  layout: v.nullable(layout),
  sound: v.boolean(),
  stopWhenEveryoneLeaves: v.boolean(),
  restart,
  createdAt: v.string(),
  members: v.array(v.object({ sessionId: v.string(), name: v.string(), role })),
})
export type LobbyView = v.InferOutput<typeof lobby>

/** `POST /lobbies` */
export const createLobby = v.strictObject({
  appId: text(64),
  title: v.optional(text(80)),
  width: v.optional(size.entries.width),
  height: v.optional(size.entries.height),
  stopWhenEveryoneLeaves: v.optional(v.boolean()),
  restart: v.optional(restart),
})
export type CreateLobby = v.InferOutput<typeof createLobby>

/** `PATCH /lobbies/:id` */
export const changeLobby = v.strictObject({
  title: v.optional(text(80)),
  size: v.optional(size),
  layout: v.optional(layout),
})
export type ChangeLobby = v.InferOutput<typeof changeLobby>

/** `GET /sessions` (owner) */
export const session = v.object({
  id: v.string(),
  name: v.string(),
  role,
  lobbyId: v.nullable(v.string()),
  createdAt: v.string(),
})
export type SessionView = v.InferOutput<typeof session>

/** `GET /invitations` (owner); the token itself is told once, at creation. */
export const invitation = v.object({
  id: v.string(),
  lobbyId: v.string(),
  role: v.picklist(['player', 'viewer']),
  createdAt: v.string(),
  expiresAt: v.string(),
  revoked: v.boolean(),
})
export type InvitationView = v.InferOutput<typeof invitation>

/** `POST /invitations` (owner) */
export const createInvitation = v.strictObject({
  lobbyId: text(64),
  role: v.picklist(['player', 'viewer']),
  /** From a minute to thirty days; a day when left out. */
  expiresInS: v.optional(v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(30 * 24 * 3600))),
})
export type CreateInvitation = v.InferOutput<typeof createInvitation>

/** Answer of `POST /invitations`: `fragment` goes behind the `#` of the page's address. */
export const createdInvitation = v.object({ ...invitation.entries, fragment: v.string() })
export type CreatedInvitation = v.InferOutput<typeof createdInvitation>

/** `GET /host`: what this machine can do, and what is missing. */
export const hostInfo = v.object({
  version: v.string(),
  encoders: v.array(
    v.object({
      name: v.string(),
      codec: v.picklist(['h264', 'vp8']),
      available: v.boolean(),
      reason: v.nullable(v.string()),
    }),
  ),
  missing: v.array(v.object({ what: v.string(), consequence: v.string(), remedy: v.string() })),
})
export type HostInfo = v.InferOutput<typeof hostInfo>

/** `GET /healthz`, outside of {@link apiPrefix}: `down` names the parts that do not work. */
export const health = v.object({ status: v.picklist(['ok', 'down']), down: v.array(v.string()) })

/** `GET /records` (owner): what became of the sessions, newest first. */
export const sessionRecord = v.object({
  sessionId: v.string(),
  name: v.string(),
  role,
  startedAt: v.string(),
  endedAt: v.nullable(v.string()),
  cause: v.nullable(v.string()),
  entries: v.array(
    v.object({
      at: v.string(),
      kind: v.string(),
      detail: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
    }),
  ),
})
export type SessionRecordView = v.InferOutput<typeof sessionRecord>

/** `GET /events`: server-sent events whose `data` is one of these. */
export const apiEvent = v.variant('type', [
  v.object({ type: v.literal('lobby'), lobby }),
  v.object({ type: v.literal('lobby-ended'), lobbyId: v.string(), reason: v.string() }),
  v.object({ type: v.literal('session'), session }),
  v.object({ type: v.literal('session-ended'), sessionId: v.string() }),
])
export type ApiEvent = v.InferOutput<typeof apiEvent>

/** The `event` field of `GET /events` for a client that missed more than can be told: it has to ask for everything. */
export const resetEvent = 'reset'

/** The fragment of a link that signs somebody in: `#token=...`, with `&lobby=...` to go straight into a lobby. */
export const tokenFragmentKey = 'token'
export const lobbyFragmentKey = 'lobby'
