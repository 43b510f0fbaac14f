/** The seats that a lobby with a display has. Each is the right to use one input device. */
export const seatIds = ['keyboard-mouse', 'gamepad-1', 'gamepad-2', 'gamepad-3', 'gamepad-4'] as const
export type SeatId = (typeof seatIds)[number]

/** Whether keyboard and mouse are one lease, or for everybody who may play at once. Gamepads are always leased. */
export const seatings = ['single', 'shared'] as const
export type Seating = (typeof seatings)[number]

/** A seat as everybody in its lobby sees it. */
export interface Seat {
  readonly id: SeatId
  /** The session that may use it; none when it is free, kept for somebody who was lost, or for all. */
  readonly holder?: string | undefined
  /** Sessions that have asked for it, oldest first. */
  readonly requests: readonly string[]
  /** Only the owner gives it away. */
  readonly locked: boolean
}

/** Somebody in a lobby who may only watch and asks to play. */
export interface Asker {
  readonly memberId: string
  readonly name: string
}

/** What of a seat comes back after a restart of the host. */
export interface KeptSeat {
  readonly id: SeatId
  readonly locked: boolean
  /** The member whose it was, or for whom it was kept. */
  readonly memberId: string | undefined
}

/** What a session can do about a seat of its lobby. */
export type SeatWish =
  /** Get it now when nobody has it, or when its holder has not used it for a while; otherwise wait for it. */
  | { readonly do: 'request' }
  /** Give it back, or wait for it no longer. */
  | { readonly do: 'release' }
  /** From its holder to another session. */
  | { readonly do: 'hand-over'; readonly to: string }
  | OwnersSeatWish

/** What only an owner can do about a seat. */
export type OwnersSeatWish =
  | { readonly do: 'grant'; readonly to: string }
  /** For the owner's session, or for nobody when it is wanted from outside; nobody waits for it any more. */
  | { readonly do: 'take-back' }
  | { readonly do: 'lock' }
  | { readonly do: 'unlock' }
