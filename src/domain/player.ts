import type { Role } from './member.ts'

/** A session in a lobby that may play, as everybody there sees it. */
export interface Player {
  readonly sessionId: string
  readonly name: string
  readonly role: Role
  /** By which {@link PointerBatch} names them: unique in its lobby as long as the player is there; small. */
  readonly pointer: number
}

/** A player who has not been given a pointer. */
export type NewPlayer = Omit<Player, 'pointer'>

/** Where a player points, in fractions of the picture. */
export interface PointerPosition {
  /** Their {@link Player.pointer}. */
  readonly player: number
  readonly x: number
  readonly y: number
}

/** Where players point: those who have moved of late. */
export interface PointerBatch {
  /** One more than that of the batch before, in 16 bits. */
  readonly sequence: number
  readonly positions: readonly PointerPosition[]
}
