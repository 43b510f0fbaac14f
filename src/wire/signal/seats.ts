import * as v from 'valibot'
import { role } from './role.ts'

/** Who may use what in a lobby. */
const sessionId = v.pipe(v.string(), v.minLength(1), v.maxLength(64))

export const seatId = v.picklist(['keyboard-mouse', 'gamepad-1', 'gamepad-2', 'gamepad-3', 'gamepad-4'])
export type SeatId = v.InferOutput<typeof seatId>

/** `single`: keyboard and mouse belong to one at a time. `shared`: to everybody who may play. */
export const seating = v.picklist(['single', 'shared'])
export type Seating = v.InferOutput<typeof seating>

/** `grant`, `take-back`, `lock` and `unlock` are the owner's. */
export const seatWish = v.variant('do', [
  v.object({ do: v.picklist(['request', 'release', 'take-back', 'lock', 'unlock']) }),
  v.object({ do: v.picklist(['hand-over', 'grant']), to: sessionId }),
])
export type SeatWish = v.InferOutput<typeof seatWish>

const seat = v.object({
  id: seatId,
  /** The session that has it; absent when nobody has, or everybody. */
  holder: v.optional(sessionId),
  /** Sessions that have asked for it, oldest first. */
  requests: v.array(sessionId),
  /** Only the owner gives it away. */
  locked: v.boolean(),
})
export type Seat = v.InferOutput<typeof seat>

/** Somebody in the lobby who may play. */
const player = v.object({
  sessionId,
  name: v.string(),
  role,
  /** By which the pointers channel names them; see `decodePointers`. */
  pointer: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff)),
})
export type Player = v.InferOutput<typeof player>

/** Somebody in the lobby who may only watch and asks to play. */
export const asker = v.object({ memberId: v.string(), name: v.string() })
export type Asker = v.InferOutput<typeof asker>

/** From the host, to everybody in a lobby: sent on entering, and at every change. */
export const seatsMessage = v.object({
  type: v.literal('seats'),
  lobbyId: sessionId,
  seating,
  seats: v.array(seat),
  players: v.array(player),
  /** Oldest first; a host of before did not tell. */
  askers: v.optional(v.array(asker)),
})
export type SeatsMessage = v.InferOutput<typeof seatsMessage>
