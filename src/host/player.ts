import type { Role } from './member.ts'

/** A session in a lobby that may play, as everybody there sees it. */
export interface Player {
  readonly sessionId: string
  readonly name: string
  readonly role: Role
  /** Unique in its lobby as long as the player is there; small. */
  readonly number: number
}

/** A player who has not been given a number. */
export type NewPlayer = Omit<Player, 'number'>

/** Where players point, in fractions of the picture: those who have moved of late, by their numbers. */
export interface PointerBatch {
  /** One more than that of the batch before, in 16 bits. */
  readonly sequence: number
  readonly positions: readonly { readonly player: number; readonly x: number; readonly y: number }[]
}
