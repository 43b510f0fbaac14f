import * as v from 'valibot'
import { partyPermissions } from '../../domain/party-permission.ts'

/** What members of a party tell each other of their lobbies, as signals under this topic. */
export const wallTopic = 'wall'

/** Of each member's wall; what is more is not told. With titles of a hundred characters a card stays below a signal's 16 KiB. */
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
  /** What it lets the other one do. */
  may: v.picklist(partyPermissions),
  lobbies: v.pipe(v.array(wallLobby), v.maxLength(mostWallLobbies)),
  /** What the other one may start there. */
  apps: v.pipe(v.array(v.object({ id, title })), v.maxLength(mostWallApps)),
})
export type WallCard = v.InferOutput<typeof wallCard>

const number = v.pipe(v.number(), v.integer(), v.minValue(0))
/** 256 bits, as tokens here are. */
const token = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))

/** A card, or a wish for one; a wish to step in or to start an app, and what comes of it; a question how long an answer takes. */
export const wallMessage = v.variant('type', [
  v.object({ type: v.literal('card'), card: wallCard }),
  v.object({ type: v.literal('show') }),
  v.object({ type: v.literal('visit'), ask: number, lobbyId: id }),
  v.object({ type: v.literal('start'), ask: number, appId: id }),
  v.object({ type: v.literal('welcome'), ask: number, token, lobbyId: id }),
  v.object({ type: v.literal('refused'), ask: number, detail: v.pipe(v.string(), v.maxLength(500)) }),
  v.object({ type: v.literal('ping'), ask: number }),
  v.object({ type: v.literal('pong'), ask: number }),
])
export type WallMessage = v.InferOutput<typeof wallMessage>
