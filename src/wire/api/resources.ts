import * as v from 'valibot'
import { invitedRoles } from '../../domain/member.ts'
import { soundLayouts } from '../../domain/sound-layout.ts'
import { limitNames } from '../../domain/run-limit.ts'
import { profileName } from './run-keys.ts'
import { appDefinition, appId } from './app-definition.ts'
import { role } from '../signal/role.ts'
import { asker, seatId } from '../signal/seats.ts'
import { layout, type lobbyChange, shownSettings, size, wishedSettings } from './lobby-settings.ts'
import { session } from './session-resources.ts'
import { setting } from './settings.ts'

/**
 * The resources of the REST API under `/api/v1`, as both ends check them. Times are ISO 8601 in UTC. Errors are
 * `application/problem+json` (RFC 9457), see {@link problem}.
 */
export const apiPrefix = '/api/v1'

/** Of an app's sound, null where there is none. Who takes fewer channels gets a downmix. */
const soundLayout = v.nullable(v.picklist(soundLayouts))

const text = (maxLength: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(maxLength))

export const problem = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  /** Machine-readable: `lobby-not-found`, `forbidden`, `invalid-request`, ... */
  code: v.string(),
  detail: v.optional(v.string()),
  /** Of `unauthenticated`, why the token opens nothing: `unknown`, `expired`, `revoked`, `removed` or `not-redeemed`. */
  reason: v.optional(v.string()),
  /** What is wrong with what was sent, place by place; `pointer` is a JSON pointer (RFC 6901) into the body. */
  errors: v.optional(v.array(v.object({ pointer: v.string(), detail: v.string() }))),
})
export type Problem = v.InferOutput<typeof problem>

/** `GET /keyboard-layouts` (owner): those that lobbies can have here. */
export const keyboardLayout = v.object({ name: layout, title: v.string() })
export type KeyboardLayoutView = v.InferOutput<typeof keyboardLayout>

/** Which lobbies somebody may enter. */
const scope = {
  /** That of the invitation; null for who needed none. */
  lobbyId: v.nullable(v.string()),
  /** All that they may enter, that of the invitation first; null for every one that there is. */
  lobbyIds: v.nullable(v.array(v.string())),
}

/** `GET /me` */
export const me = v.object({
  name: v.string(),
  role,
  ...scope,
  expiresAt: v.nullable(v.string()),
})
export type Me = v.InferOutput<typeof me>

/** `GET /apps` lists them, best first. One that cannot run says why and how to change that. */
export const app = v.object({
  id: v.string(),
  title: v.string(),
  available: v.boolean(),
  unavailableReason: v.nullable(v.string()),
  /** Where it can be changed: nowhere, here, or in `apps.toml`. */
  origin: v.picklist(['ready-made', 'settings', 'file']),
  /** Where in the file it is: `apps.toml:12`. */
  place: v.nullable(v.string()),
  kind: v.picklist(['display', 'test-pattern']),
  width: v.number(),
  height: v.number(),
  fps: v.number(),
  sound: v.boolean(),
  soundLayout,
  /** Another text when `GET /apps/:id/icon` may give another picture; null when there is none. */
  icon: v.nullable(v.string()),
})
export type AppView = v.InferOutput<typeof app>

/** `GET /apps/:id` (owner). Ready-made apps have no definition, nor has what could not be understood. */
export const appDetails = v.object({ ...app.entries, definition: v.nullable(appDefinition) })
export type AppDetails = v.InferOutput<typeof appDetails>

/** `POST /apps` (owner); without an `id` one is made of the title. */
export const createApp = v.strictObject({ id: v.optional(appId), definition: appDefinition })
export type CreateApp = v.InferOutput<typeof createApp>

/** `PUT /apps/:id` (owner) */
export const putApp = v.strictObject({ definition: appDefinition })

/** `PATCH /apps/:id` (owner): a JSON merge patch (RFC 7396) of the definition; null takes a key away. */
export const changeApp = v.strictObject({ definition: v.record(v.string(), v.unknown()) })
export type ChangeApp = v.InferOutput<typeof changeApp>

/** Answer of `POST /apps/import` (owner): what became of each app, by id. */
export const importedApps = v.object({
  created: v.array(v.string()),
  changed: v.array(v.string()),
  unchanged: v.array(v.string()),
})
export type ImportedApps = v.InferOutput<typeof importedApps>

/** What `GET /apps/export` answers and `POST /apps/import` takes. */
export const tomlType = 'application/toml'

/** `GET /lobbies`, `GET /lobbies/:id` */
export const lobby = v.object({
  id: v.string(),
  ...shownSettings,
  appId: v.string(),
  /** Which of its app's homes it has. */
  profile: v.string(),
  status: v.picklist(['starting', 'running', 'recovering', 'ended']),
  /** Why it is not running, for people. */
  reason: v.nullable(v.string()),
  width: v.number(),
  height: v.number(),
  fps: v.number(),
  resizable: v.boolean(),
  sound: v.boolean(),
  soundLayout,
  /** Limits that its app asks for and that this machine cannot hold; why is told by `GET /host`. */
  unheldLimits: v.array(v.picklist(limitNames)),
  /** Who may use what, by session; none where the app has no display. */
  seats: v.array(
    v.object({ id: seatId, holder: v.nullable(v.string()), requests: v.array(v.string()), locked: v.boolean() }),
  ),
  /** Members who may only watch and ask to play, oldest first: `PATCH /members/:id` lets them, `DELETE` of the asker says "not now". */
  askers: v.array(asker),
  createdAt: v.string(),
  members: v.array(v.object({ sessionId: v.string(), name: v.string(), role })),
})
export type LobbyView = v.InferOutput<typeof lobby>

/** `GET /ended-lobbies` (owner): the last lobbies that have ended, newest first, while they are remembered. */
export const endedLobby = v.object({
  id: v.string(),
  appId: v.string(),
  title: v.string(),
  /** Why, for people. */
  reason: v.string(),
  endedAt: v.string(),
})
export type EndedLobbyView = v.InferOutput<typeof endedLobby>

/** `GET /lobbies/:id/output` (owner): what the app of a lobby has printed, also when that has ended. */
export const lobbyOutput = v.object({
  /** The number of the newest line, to be given as `after` to be told only what comes later; 0 when there is none. */
  last: v.number(),
  /** Oldest first; the last 1,000 lines at most. */
  lines: v.array(
    v.object({
      /** One more than that of the line before. */
      number: v.number(),
      at: v.string(),
      /** `host`: what the host says about the run. */
      source: v.picklist(['app', 'host']),
      text: v.string(),
    }),
  ),
})
export type LobbyOutputView = v.InferOutput<typeof lobbyOutput>

/** Query of `GET /lobbies/:id/output`. */
export const outputQuery = v.strictObject({
  /** The number of a line: only those behind it are told. All when left out. */
  after: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/))),
})

/** `POST /lobbies`; what is left out is as the app and the host have it. */
export const createLobby = v.strictObject({
  appId: text(64),
  ...wishedSettings,
  width: v.optional(size.entries.width),
  height: v.optional(size.entries.height),
  profile: v.optional(profileName),
})
export type CreateLobby = v.InferOutput<typeof createLobby>

/** `PATCH /lobbies/:id` */
export { lobbyChange as changeLobby } from './lobby-settings.ts'
export type ChangeLobby = v.InferOutput<typeof lobbyChange>

/** `POST /lobbies/:id/seats/:seat/grant` (owner) */
export const grantSeat = v.strictObject({ sessionId: text(64) })

/** What somebody who was invited may be. */
export const invitedRole = v.picklist(invitedRoles)

/** `GET /invitations` (owner); token and PIN are told once, at creation. */
export const invitation = v.object({
  id: v.string(),
  lobbyId: v.string(),
  role: invitedRole,
  createdAt: v.string(),
  expiresAt: v.string(),
  /** How often it can be redeemed; null for any number of times. */
  maxUses: v.nullable(v.number()),
  uses: v.number(),
  hasPin: v.boolean(),
  /** Wrong PINs that can still be tried before it is destroyed. */
  pinTriesLeft: v.number(),
  state: v.picklist(['open', 'used-up', 'destroyed', 'expired', 'revoked']),
})
export type InvitationView = v.InferOutput<typeof invitation>

const pin = v.pipe(v.string(), v.regex(/^[0-9]{4,8}$/))

/** `POST /invitations` (owner) */
export const createInvitation = v.strictObject({
  lobbyId: text(64),
  role: invitedRole,
  /** From a minute to thirty days; a day when left out. */
  expiresInS: v.optional(v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(30 * 24 * 3600))),
  /** Any number of times when left out. */
  maxUses: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
  /** Four to eight digits that have to be told as well, or `true` for some to be made up. */
  pin: v.optional(v.union([pin, v.literal(true)])),
})
export type CreateInvitation = v.InferOutput<typeof createInvitation>

/** Answer of `POST /invitations`: `fragment` goes behind the `#` of the page's address, `nativeFragment` behind that of a native link. */
export const createdInvitation = v.object({
  ...invitation.entries,
  fragment: v.string(),
  nativeFragment: v.optional(v.string()),
  pin: v.nullable(v.string()),
})
export type CreatedInvitation = v.InferOutput<typeof createdInvitation>

/** `GET /invitations/offered`, with the token of a link: what it offers. */
export const offeredInvitation = v.object({
  id: v.string(),
  state: invitation.entries.state,
  role: invitedRole,
  lobbyId: v.string(),
  /** Not told before the PIN is, nor of a link that lets nobody in. */
  lobbyTitle: v.nullable(v.string()),
  expiresAt: v.string(),
  needsPin: v.boolean(),
  pinTriesLeft: v.number(),
})
export type OfferedInvitation = v.InferOutput<typeof offeredInvitation>

/** How long a member's name may be, in UTF-16 units. */
export const maxNameLength = 40

/** `POST /invitations/redeem`, with the token of a link */
export const redeemInvitation = v.strictObject({
  /** 256 random bits in base64url, made by who redeems: the same again is answered the same, and takes no other use. */
  claim: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)),
  /** How the others are to call them. */
  name: text(maxNameLength),
  pin: v.optional(pin),
})
export type RedeemInvitation = v.InferOutput<typeof redeemInvitation>

/** Answer of `POST /invitations/redeem`: a token of one's own. */
export const redeemedInvitation = v.object({
  token: v.string(),
  memberId: v.string(),
  invitationId: v.string(),
  name: v.string(),
  role: invitedRole,
  lobbyId: v.string(),
  expiresAt: v.string(),
})
export type RedeemedInvitation = v.InferOutput<typeof redeemedInvitation>

/** Answer of `POST /hand-overs`: a ticket, good for one device and a few minutes. */
export const handOver = v.object({ ticket: v.string(), expiresAt: v.string() })
export type HandOver = v.InferOutput<typeof handOver>

/** `POST /hand-overs/redeem`, with the ticket as the bearer */
export const redeemHandOver = v.strictObject({ claim: redeemInvitation.entries.claim })

/** Answer of `POST /hand-overs/redeem`: a token that this device has to itself. */
export const handedOver = v.object({ token: v.string(), role, ...scope })
export type HandedOver = v.InferOutput<typeof handedOver>

/** `GET /members`: who has come by an invitation and may still be here. */
export const member = v.object({
  id: v.string(),
  name: v.string(),
  role: invitedRole,
  lobbyId: v.string(),
  /** Those that they may enter, that of the invitation first. */
  lobbyIds: v.array(v.string()),
  invitationId: v.string(),
  joinedAt: v.string(),
  expiresAt: v.string(),
  /** Whether they are here now. */
  present: v.boolean(),
})
export type MemberView = v.InferOutput<typeof member>

/** `PATCH /members/:id` */
export const changeMember = v.strictObject({
  role: v.optional(v.picklist(['player', 'viewer'])),
  /** The lobbies that they may enter; that of their invitation is always among them. For the owner alone. */
  lobbyIds: v.optional(v.pipe(v.array(text(64)), v.maxLength(16))),
})
export type ChangeMember = v.InferOutput<typeof changeMember>

export { hostInfo, secureOrigin, type HostInfo } from './host-info.ts'
export { moonlight, typePin, type MoonlightPairing, type MoonlightView } from './moonlight.ts'
export { changeNetwork, network, type ChangeNetwork, type NetworkView } from './network.ts'

/** `GET /healthz`, outside of {@link apiPrefix}: `down` names the parts that do not work. */
export const health = v.object({ status: v.picklist(['ok', 'down']), down: v.array(v.string()) })

export {
  changeDevice,
  device,
  maxDeviceNameLength,
  sendSession,
  session,
  type ChangeDevice,
  type DeviceView,
  type SendSession,
  type SessionView,
} from './session-resources.ts'

export { changeSettings, setting, type ChangeSettings, type SettingValue, type SettingView } from './settings.ts'

export {
  recordPage,
  recordQuery,
  sessionRecord,
  sessionStay,
  sessionTimeline,
  type RecordPage,
  type RecordQuery,
  type SessionRecordView,
  type SessionStay,
  type SessionTimeline,
} from './record-resources.ts'

/** `GET /events`: server-sent events whose `data` is one of these. */
export const apiEvent = v.variant('type', [
  v.object({ type: v.literal('lobby'), lobby }),
  v.object({ type: v.literal('lobby-ended'), lobbyId: v.string(), reason: v.string() }),
  v.object({ type: v.literal('app'), app }),
  v.object({ type: v.literal('app-removed'), appId: v.string() }),
  v.object({ type: v.literal('session'), session }),
  v.object({ type: v.literal('session-ended'), sessionId: v.string() }),
  v.object({ type: v.literal('setting'), setting }),
  /** One of `partyChange`, for those who show a party: the others need not know what it may be. */
  v.object({ type: v.literal('party'), change: v.record(v.string(), v.unknown()) }),
])
export type ApiEvent = v.InferOutput<typeof apiEvent>

/** The `event` field of `GET /events` for a client that missed more than can be told: it has to ask for everything. */
export const resetEvent = 'reset'
