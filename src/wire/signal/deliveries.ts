import * as v from 'valibot'
import type { Delivery, LobbyText, Refusal } from '../../domain/delivery.ts'
import { role } from './role.ts'
import { seatId, seatWish } from './seats.ts'

/**
 * What a client says that has to be done exactly once, in order, whatever becomes of the connection. The client numbers it
 * in an outbox of its own, a random id that outlives sessions, and sends it until it is told that it is done; the host
 * remembers how far it has come with each outbox of each member. One message is under way at a time.
 */
const sequence = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER))
const lobbyId = v.pipe(v.string(), v.minLength(1), v.maxLength(64))

/** Longest text in UTF-16 units. */
export const maxTextUnits = 4000
/** Most that one message brings; it has to be short enough for a message too. */
export const maxDeliveries = 32

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(maxTextUnits))
/** `lobbyId`: where it is meant for; nothing is done elsewhere. Left out: wherever the session is. */
const common = { sequence, lobbyId: v.optional(lobbyId) }

export const delivery: v.GenericSchema<unknown, Delivery> = v.variant('do', [
  /** To everybody in the lobby. */
  v.object({ do: v.literal('say'), ...common, text }),
  /** Into the app, as if on its keyboard. */
  v.object({ do: v.literal('type'), ...common, text }),
  v.object({ do: v.literal('seat'), ...common, seat: seatId, wish: seatWish }),
  /** For who may only watch: the owner is asked to let them play, or, with false, no longer. */
  v.object({ do: v.literal('ask-to-play'), ...common, asks: v.boolean() }),
])

/** From a client: what is next in its outbox, in ascending order; what has been sent before among it. */
export const deliverMessage = v.object({
  type: v.literal('deliver'),
  outbox: v.pipe(v.string(), v.regex(/^[\w-]{16,64}$/, 'an id of 16 to 64 characters')),
  deliveries: v.pipe(v.array(delivery), v.minLength(1), v.maxLength(maxDeliveries)),
})
export type DeliverMessage = v.InferOutput<typeof deliverMessage>

const refusal: v.GenericSchema<unknown, Refusal> = v.object({ sequence, code: v.string(), message: v.string() })

/** From the host, to each `deliver`: all of it up to `through` is done, but for what was refused. */
export const deliveredMessage = v.object({ type: v.literal('delivered'), through: sequence, refused: v.array(refusal) })
export type DeliveredMessage = v.InferOutput<typeof deliveredMessage>

/** Something that was said in a lobby. */
const lobbyText: v.GenericSchema<unknown, LobbyText> = v.object({
  /** Ascending in the order in which things were said. */
  id: v.pipe(v.number(), v.integer(), v.minValue(1)),
  memberId: v.string(),
  name: v.string(),
  role,
  text: v.string(),
  /** Milliseconds since the Unix epoch. */
  atMs: v.number(),
})

/** The most that the host tells of what was said before, as texts and as characters of JSON. */
export const maxBacklogTexts = 200
export const maxBacklogCharacters = 64 * 1024

/** From the host: on entering a lobby what was said last, then what is said, oldest first. */
export const textsMessage = v.object({ type: v.literal('texts'), lobbyId, texts: v.array(lobbyText) })
export type TextsMessage = v.InferOutput<typeof textsMessage>
