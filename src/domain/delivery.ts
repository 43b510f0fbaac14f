import type { Role } from './member.ts'
import type { SeatId, SeatWish } from './seat.ts'

/**
 * Something that a member wants done exactly once, in order, over connections and sessions: numbered in an outbox of theirs
 * and brought until it is known to be done. `lobbyId`: where it is meant for, and done nowhere else; undefined for
 * wherever the session is.
 */
export type Delivery = {
  readonly sequence: number
  readonly lobbyId?: string | undefined
} & (
  | { readonly do: 'say'; readonly text: string }
  /** Into the app, as if on its keyboard. */
  | { readonly do: 'type'; readonly text: string }
  | { readonly do: 'seat'; readonly seat: SeatId; readonly wish: SeatWish }
  /** Of somebody who may only watch; false: not any more. */
  | { readonly do: 'ask-to-play'; readonly asks: boolean }
)

/** A delivery that was not done, nor will be. */
export interface Refusal {
  readonly sequence: number
  /** That of the HostError. */
  readonly code: string
  readonly message: string
}

/** All of an outbox up to `through` is done, but for what was refused. */
export interface Delivered {
  readonly through: number
  /** Of the deliveries that were brought. */
  readonly refused: readonly Refusal[]
}

/** Something that was said in a lobby. */
export interface LobbyText {
  /** Ascending in the order in which things were said. */
  readonly id: number
  readonly memberId: string
  readonly name: string
  readonly role: Role
  readonly text: string
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
}
