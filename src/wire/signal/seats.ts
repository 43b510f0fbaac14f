import * as v from 'valibot'
import type { Player } from '../../domain/player.ts'
import { seatIds, seatings, type Asker, type Seat, type SeatWish } from '../../domain/seat.ts'
import { role } from './role.ts'

/** Who may use what in a lobby. */
const sessionId = v.pipe(v.string(), v.minLength(1), v.maxLength(64))

export const seatId = v.picklist(seatIds)
export const seating = v.picklist(seatings)

export const seatWish: v.GenericSchema<unknown, SeatWish> = v.variant('do', [
  v.object({ do: v.picklist(['request', 'release', 'take-back', 'lock', 'unlock']) }),
  v.object({ do: v.picklist(['hand-over', 'grant']), to: sessionId }),
])

const seat: v.GenericSchema<unknown, Seat> = v.object({
  id: seatId,
  holder: v.optional(sessionId),
  requests: v.array(sessionId),
  locked: v.boolean(),
})

const player: v.GenericSchema<unknown, Player> = v.object({
  sessionId,
  name: v.string(),
  role,
  pointer: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff)),
})

export const asker = v.object({ memberId: v.string(), name: v.string() }) satisfies v.GenericSchema<unknown, Asker>

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
