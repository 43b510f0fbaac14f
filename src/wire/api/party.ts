import * as v from 'valibot'
import { memberDoubts } from '../../domain/member-doubt.ts'
import { natTypes } from '../../domain/nat-type.ts'
import { hostDepartures, partyAdmissions, peerDepartures } from '../../domain/party.ts'
import { partyPermissions } from '../../domain/party-permission.ts'
import { wallCard } from '../party/wall.ts'
import { partyNetwork } from './party-network.ts'

/** The party that a host is in, for its owner: `/api/v1/party`. */

export const connectionTypes = ['unknown', 'direct', 'relayed', 'connecting', 'host', 'failed'] as const
const permission = v.picklist(partyPermissions)
const text = (maxLength: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(maxLength))
const planeUrl = v.pipe(
  v.string(),
  v.maxLength(200),
  v.regex(/^https?:\/\/[^\s/?#@]+(?:\/[\w.~-]+)*\/?$/, 'wanted an address that begins with http:// or https://'),
)

/** One member, this host included. */
export const partyPeer = v.object({
  id: v.string(),
  name: v.string(),
  isMe: v.boolean(),
  isHost: v.boolean(),
  publicKey: v.string(),
  /** In the party's network; empty before it has one. */
  virtualIp: v.string(),
  /** As it is seen from outside; empty where that is not known. */
  endpoint: v.string(),
  natType: v.picklist(natTypes),
  connectionType: v.picklist(connectionTypes),
  latencyMs: v.nullable(v.number()),
  /** Why the path is this one, for people; empty where there is nothing to say. */
  reason: v.string(),
  /** Why nothing is said with that member, where the second part of the code is the reason. */
  doubt: v.nullable(v.picklist(memberDoubts)),
  joinedAt: v.string(),
  /** Round trips, the oldest first; null where none came back. */
  latencies: v.array(v.object({ at: v.string(), latencyMs: v.nullable(v.number()) })),
  /** What this host lets that member do. */
  may: permission,
  /** Whether that was chosen for that member alone. */
  isOwnChoice: v.boolean(),
  /** What that member shows; null for this host, and before anything was heard. */
  wall: v.nullable(wallCard),
})
export type PartyPeerView = v.InferOutput<typeof partyPeer>

/** All but who is in it. */
const partyHead = v.object({
  /** `off`: parties are turned off here. */
  status: v.picklist(['off', 'no_party', 'in_party']),
  /** Why the last one is over, where that was not this host's own doing. */
  why: v.nullable(v.string()),
  /** What this host lets members do who have no choice of their own. */
  usualMay: permission,
  party: v.nullable(
    v.object({
      id: v.string(),
      name: v.string(),
      hostId: v.string(),
      createdAt: v.string(),
      /** What one types to come in; null where it has a second part, which is told by `GET /party/invitation` alone. */
      code: v.nullable(v.string()),
      /** Null also where nobody else reaches the control plane. */
      link: v.nullable(v.string()),
      /** Whether the link leads here from this machine alone. */
      isOnlyHere: v.boolean(),
      /** By whose control plane: the party's own, none yet, or that of a member who is near. */
      mode: v.picklist(['home', 'connecting', 'local']),
      plane: v.string(),
    }),
  ),
  /** What this host has seen happen in the party since it came in or was started, the newest first. */
  recent: v.array(
    v.object({
      /** `removed`: taken out by the party's host. `silent`: nothing was heard of it for too long. `host`: is the party's host now. */
      what: v.picklist(['joined', ...peerDepartures, 'host']),
      peerId: v.string(),
      name: v.string(),
      at: v.string(),
    }),
  ),
  nat: v.object({
    type: v.picklist(natTypes),
    publicIp: v.nullable(v.string()),
    publicPort: v.nullable(v.number()),
  }),
})

/** `GET /party` (owner) */
export const party = v.object({ ...partyHead.entries, peers: v.array(partyPeer) })
export type PartyView = v.InferOutput<typeof party>

/** `GET /party/invitation` (owner): what others come in by. It holds a secret where the code has a second part. */
export const partyInvitation = v.object({
  /** With its second part; or the id, where that is enough. */
  code: v.string(),
  /** Null where nobody else reaches the control plane. */
  link: v.nullable(v.string()),
  hasSecondPart: v.boolean(),
})
export type PartyInvitation = v.InferOutput<typeof partyInvitation>

/** What `GET /events` tells of a party, for whoever has asked for it before: each part as it is now. */
export const partyChange = v.variant('of', [
  v.object({ of: v.literal('party'), party: partyHead }),
  /** Its latencies are the newest alone, which goes behind those that are known. */
  v.object({ of: v.literal('peer'), peer: partyPeer }),
  v.object({ of: v.literal('peer-left'), peerId: v.string() }),
  v.object({ of: v.literal('network'), network: partyNetwork }),
])
export type PartyChange = v.InferOutput<typeof partyChange>
/** Points of a graph that are remembered of each peer: at one each 15 s, half an hour. */
export const mostLatencyPoints = 120

/** `POST /party` (owner) */
export const createParty = v.strictObject({
  name: text(100),
  /** A code, as usual, or the id alone. */
  admission: v.optional(v.picklist(partyAdmissions)),
  /** Whether a code has a second part, which the control plane is never told; it has when left out. An id has none. */
  hasSecondPart: v.optional(v.boolean()),
  /** End, as usual, or migrate: whoever was there longest is the host. */
  whenHostLeaves: v.optional(v.picklist(hostDepartures)),
  /** Of the control plane; this host's own when left out. */
  at: v.optional(planeUrl),
})
export type CreateParty = v.InferInput<typeof createParty>

/** `POST /party/join` (owner) */
export const joinParty = v.strictObject({
  /** A code, or a link. */
  by: text(2048),
  /** Where a code is looked for; nearby when left out. */
  at: v.optional(planeUrl),
})
export type JoinParty = v.InferInput<typeof joinParty>

/** `PUT /party/rights` (owner) */
export const partyRights = v.strictObject({
  /** Null: of all who have no choice of their own. */
  peerId: v.nullable(v.pipe(v.string(), v.maxLength(64))),
  /** Null, for one member: as all others. */
  may: v.nullable(permission),
})
export type ChangePartyRights = v.InferInput<typeof partyRights>

/** `POST /party/peers/:id/visit` and `.../start` (owner) */
export const visitLobby = v.strictObject({ lobbyId: v.pipe(v.string(), v.maxLength(64)) })
export const startThere = v.strictObject({ appId: v.pipe(v.string(), v.maxLength(64)) })

/** A way in: opened within the other host's page, it leads into the lobby. It holds a secret. */
export const partyVisit = v.object({
  url: v.string(),
  lobbyId: v.string(),
  /** Whether that page answers this host: if not, the browser may not reach it either. */
  isReached: v.boolean(),
  /** The same way in for `porchlight view`, by whatever path its transport finds; null where that member has none. */
  viewLink: v.nullable(v.string()),
})
export type PartyVisit = v.InferOutput<typeof partyVisit>
