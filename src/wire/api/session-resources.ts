import * as v from 'valibot'
import { deviceKinds } from '../../domain/member.ts'
import { soundLayouts } from '../../domain/sound-layout.ts'
import { videoCodecs } from '../../domain/video-codec.ts'
import { role } from '../signal/role.ts'
import { seatId } from '../signal/seats.ts'

/** Who is here, and on what. */

const text = (maxLength: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(maxLength))

/** What a device proves itself with: a token that it was given, a TLS certificate, a public key. */
const deviceKind = v.picklist(deviceKinds)

/** `GET /sessions` (owner): who is here now. */
export const session = v.object({
  id: v.string(),
  /** The member whose it is: one may have several. */
  memberId: v.string(),
  name: v.string(),
  role,
  lobbyId: v.nullable(v.string()),
  /** Its seats in that lobby. */
  seats: v.array(seatId),
  createdAt: v.string(),
  /** What they came on; null where that is not known. */
  device: v.nullable(
    v.object({
      /** Null for one that is not among `GET /devices`. */
      id: v.nullable(v.string()),
      kind: deviceKind,
      name: v.string(),
    }),
  ),
  /** How pictures get there; null before they do. */
  path: v.nullable(
    v.object({
      path: v.picklist(['direct', 'relayed', 'web-port']),
      /** What carries them: RTP over UDP to a browser, messages of a WebSocket, or datagrams to a Moonlight client. */
      wire: v.picklist(['webrtc', 'websocket', 'moonlight', 'native']),
      local: v.string(),
      remote: v.string(),
      since: v.string(),
    }),
  ),
  /** What it sees; null before the first picture. */
  picture: v.nullable(
    v.object({
      codec: v.picklist(videoCodecs),
      width: v.number(),
      height: v.number(),
      fps: v.number(),
      bitrateBps: v.number(),
      /** What it asks for; null for what suits its path. Another size than that means that the host cannot encode it now. */
      asked: v.nullable(v.object({ width: v.number(), height: v.number(), maxFps: v.number() })),
      /** Why it is not what was asked for; null when it is. */
      reason: v.nullable(v.string()),
    }),
  ),
  /** What it hears; null for who does not listen. */
  sound: v.nullable(
    v.object({
      /** What its client takes, wherever it is: the other speakers are silent where the sound has fewer. */
      asked: v.picklist(soundLayouts),
      /** What of it carries sound; null where there is none. */
      given: v.nullable(v.picklist(soundLayouts)),
    }),
  ),
})
export type SessionView = v.InferOutput<typeof session>

/** `POST /sessions/:id/lobby` (owner) */
export const sendSession = v.strictObject({
  /** Null for its waiting room. */
  lobbyId: v.nullable(text(64)),
  /** Told to whoever is sent. */
  reason: v.optional(text(200)),
  /** Opens the lobby to a guest whose link is for another one, in the role that they have. */
  admit: v.optional(v.boolean()),
})
export type SendSession = v.InferOutput<typeof sendSession>

/** How long the name of a device may be, in UTF-16 units. */
export const maxDeviceNameLength = 40

/** `GET /devices`: one's own, for the owner everybody's. */
export const device = v.object({
  id: v.string(),
  memberId: v.string(),
  /** Whose it is; null for somebody who is not let in any more. */
  member: v.nullable(v.object({ name: v.string(), role })),
  kind: deviceKind,
  name: v.string(),
  /** SHA-256 of its certificate or key, to be compared with what it shows; of a token something short. `AB:CD:...` */
  fingerprint: v.string(),
  addedAt: v.string(),
  /** Within a minute; null when it never was. */
  lastSeenAt: v.nullable(v.string()),
  /** Sessions that came on it and are here now. */
  sessions: v.array(v.string()),
})
export type DeviceView = v.InferOutput<typeof device>

/** `PATCH /devices/:id` */
export const changeDevice = v.strictObject({ name: text(maxDeviceNameLength) })
export type ChangeDevice = v.InferOutput<typeof changeDevice>
