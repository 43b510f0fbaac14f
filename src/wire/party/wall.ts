import * as v from 'valibot'
import { partyPermissions } from '../../domain/party-permission.ts'

/** Of each member's wall; what is more is not told. */
export const mostWallLobbies = 24
export const mostWallApps = 24
const title = v.pipe(v.string(), v.maxLength(100))
const id = v.pipe(v.string(), v.maxLength(64))
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000))

const wallLobby = v.object({
  id,
  title,
  appId: id,
  status: v.picklist(['starting', 'running', 'recovering', 'ended']),
  width: count,
  height: count,
  people: count,
})

/** What a member shows of itself to another one, as far as that may see it. */
export const wallCard = v.object({
  /** Where its page is. */
  page: v.pipe(v.string(), v.maxLength(300), v.regex(/^https?:\/\/[^\s?#@]+$/, 'wanted an address of a page')),
  /** Where its native transport is, for `porchlight view`; left out where it has none. */
  native: v.optional(v.pipe(v.string(), v.maxLength(500), v.regex(/^porchlight:\/\/[^\s#]+$/, 'wanted a native link'))),
  /** What it lets the other one do. */
  may: v.picklist(partyPermissions),
  lobbies: v.pipe(v.array(wallLobby), v.maxLength(mostWallLobbies)),
  /** What the other one may start there. */
  apps: v.pipe(v.array(v.object({ id, title })), v.maxLength(mostWallApps)),
})
export type WallCard = v.InferOutput<typeof wallCard>

/** 256 bits, as tokens here are. */
const token = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))

/** A card; a wish to step in or to start an app, and what comes of it; a question how long an answer takes. */
export const wallMessages = [
  v.object({ type: v.literal('card'), card: wallCard }),
  v.object({ type: v.literal('visit'), lobbyId: id }),
  v.object({ type: v.literal('start'), appId: id }),
  v.object({ type: v.literal('welcome'), token, lobbyId: id }),
  v.object({ type: v.literal('refused'), detail: v.pipe(v.string(), v.maxLength(500)) }),
  v.object({ type: v.literal('ping') }),
  v.object({ type: v.literal('pong') }),
] as const
