/** What somebody may do here (see `rights.ts`); `app` is the app of a lobby itself. */
export type Role = 'owner' | 'player' | 'viewer' | 'agent' | 'app'

/** Somebody who was let in, by a token and not by an address. */
export interface Member {
  /** Stays the same for all sessions that one token opens. */
  readonly id: string
  readonly name: string
  readonly role: Role
  /** The one lobby that an invitation is for; undefined means all of them. */
  readonly lobbyId: string | undefined
  /** What they came by; left out for who needed none. */
  readonly invitationId?: string
}
