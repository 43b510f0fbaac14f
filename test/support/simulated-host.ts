/** The party of a simulation, at a control plane. */
export const partyId = 'friday'

/** A member of a simulated party. What it is asked to do it does where it can: false where it cannot now. */
export interface SimulatedHost {
  readonly id: string
  come(): boolean
  /** In order, and comes back later. */
  leave(forMs: number): boolean
  /** Without a word, and comes back later. */
  crash(forMs: number): boolean
  /** It is found at another port. */
  move(): boolean
  /** Its network. */
  cut(forMs: number): boolean
  /** Called each tenth of a second. */
  tick(): void
  /** Whether it has been in the party, with its network whole, for so long. */
  isLiveFor(ms: number): boolean
  /** Of the party as it sees it, see `PartyView`. */
  readonly print: string
  close(): void
}
